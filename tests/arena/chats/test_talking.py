from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from arena import broker
from arena.battles import watching
from arena.chats import talking
from arena.chats.replying import life
from arena.errors import Refused
from arena.generating import watchdog
from arena.generating.settling import settle
from arena.limits import PROMPTS, WATCHDOG
from arena.matchmaking import places
from arena.matchmaking.waiting import MOST_WAITING
from arena.models import Battle, Chat, Contestant, Reply, Revision, Side, Tally, Voter
from arena.showing.chat import LiveChat
from inference.contract.limits import COUNTING
from inference.contract.presence import publish, withdraw
from inference.contract.requests import GenerateResult
from inference.contract.streams import Entry, Kind, StreamWriter, begin_attempt
from tests.bending import bend

from ..conftest import BEAT, become
from ..streams import queued_ago

pytestmark = pytest.mark.usefixtures("in_service")
ONE, TWO = "xylophonic-slug", "quetzalbird-slug"


@pytest.fixture
def chat(in_service: None, voter: Voter) -> Chat:
    return talking.begin(voter, [ONE, TWO], "Hi")


def replies(chat: Chat) -> list[Reply]:
    return list(chat.turns.latest("number").replies.order_by("side"))


def answer(reply: Reply, text: str = "Hello.", **changes: object) -> None:
    given = {"stream": str(reply.stream), "attempt": reply.attempt, "text": text}
    told = {"finish_reason": "stop", "total_s": 0.5, **given, **changes}
    settle(life, reply.pk, GenerateResult.from_dict(told))


def answer_all(chat: Chat) -> None:
    for reply in replies(chat):
        answer(reply)


def say(reply: Reply, text: str) -> None:
    begin_attempt(broker.connection(), str(reply.stream), reply.attempt)
    writer = StreamWriter(broker.connection(), str(reply.stream), reply.attempt)
    writer.write(Kind.TEXT, text)


@pytest.mark.parametrize(("slugs", "sides"), [([ONE], "A"), ([ONE, ""], "A"), ([TWO, ONE], "AB")])
def test_chat_asks_the_models_that_were_chosen(voter: Voter, slugs: list[str], sides: str) -> None:
    chat = talking.begin(voter, slugs, "Hi")
    asked = [(reply.side, reply.revision.contestant.slug) for reply in replies(chat)]
    assert asked == list(zip(sides, slugs, strict=False))


@pytest.mark.parametrize(
    ("slugs", "prompt", "code"),
    [
        ([], "Hi", "no_such_choice"),
        ([""], "Hi", "no_such_choice"),
        ([ONE, ONE], "Hi", "no_such_choice"),
        ([ONE, TWO, "zugzwang-slug"], "Hi", "no_such_choice"),
        (["nobody"], "Hi", "not_in_service"),
        ([ONE], " ", "empty_prompt"),
    ],
)
def test_chat_that_cannot_be_is_refused(
    voter: Voter, slugs: list[str], prompt: str, code: str
) -> None:
    with pytest.raises(Refused) as refusal:
        talking.begin(voter, slugs, prompt)
    assert refusal.value.code == code
    assert not Chat.objects.exists()


def test_paused_model_cannot_be_chosen(voter: Voter) -> None:
    Contestant.objects.filter(slug=ONE).update(state=Contestant.State.PAUSED)
    assert ONE not in [revision.contestant.slug for revision in talking.choices()]
    with pytest.raises(Refused, match="cannot answer right now"):
        talking.begin(voter, [ONE], "Hi")


def test_follow_up_knows_what_each_model_has_said(chat: Chat) -> None:
    for reply, text in zip(replies(chat), ("One.", "Two."), strict=True):
        answer(reply, text)
    talking.continue_(chat, "And?")
    a, b = replies(chat)
    said = [message["content"] for message in life.messages(a)]
    assert said == ["Xylophonic speaks.", "Hi", "One.", "And?"]
    assert [message["content"] for message in life.messages(b)][2] == "Two."


def test_follow_up_before_the_replies_are_complete_is_refused(chat: Chat) -> None:
    answer(replies(chat)[0])
    with pytest.raises(Refused, match="still being written"):
        talking.continue_(chat, "And?")


def test_follow_up_beyond_the_limit_is_refused(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    bend(monkeypatch, PROMPTS, turns=1)
    answer_all(chat)
    with pytest.raises(Refused, match="at most 1 turn"):
        talking.continue_(chat, "And?")


def test_failing_model_is_tried_again_and_then_told_to_have_failed(chat: Chat) -> None:
    for attempt in (1, 2):
        reply = replies(chat)[0]
        assert (reply.attempt, reply.state) == (attempt, Reply.State.QUEUED)
        answer(reply, "", finish_reason="error", error="it broke")
    assert replies(chat)[0].state == Reply.State.FAILED
    answer(replies(chat)[1])
    with pytest.raises(Refused, match="could not reply"):
        talking.continue_(chat, "And?")


def test_stop_keeps_what_has_arrived(chat: Chat) -> None:
    first, second = replies(chat)
    say(first, "Once upon a")
    talking.stop(chat)
    stopped, silent = replies(chat)
    assert (stopped.state, stopped.text) == (Reply.State.DONE, "Once upon a")
    assert silent.state == Reply.State.FAILED
    assert not StreamWriter(broker.connection(), str(first.stream), 1).write(Kind.TEXT, " time")
    answer(second)  # too late
    assert replies(chat)[1].state == Reply.State.FAILED


def test_chat_that_nobody_watches_is_stopped(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    bend(monkeypatch, WATCHDOG, grace_s=0.0)
    first, second = replies(chat)
    for reply in (first, second):
        say(reply, "Once")
        queued_ago(reply, WATCHDOG.absent_s + 1)
    watching.note(chat)
    assert not life.abandoned(first)
    broker.connection().delete(f"watched:{chat.public_id}")
    watchdog.watch(life)
    assert {reply.finish_reason for reply in replies(chat)} == {"abandoned"}


def test_replies_count_in_the_queue_of_their_model(voter: Voter) -> None:
    service = Revision.objects.get(contestant__slug=ONE).service
    for _ in range(BEAT.slots * (1 + MOST_WAITING)):
        talking.begin(Voter.objects.create(), [ONE], "Hi")
    assert [each.service for each in places.taken()] == [service] * BEAT.slots * (1 + MOST_WAITING)
    with pytest.raises(Refused) as refusal:
        talking.begin(voter, [ONE], "Hi")
    assert refusal.value.code == "busy"


def test_voter_with_enough_replies_under_way_leaves_places_to_others(voter: Voter) -> None:
    for _ in range(BEAT.slots * MOST_WAITING // 2):
        talking.begin(voter, [ONE], "Hi")
    with pytest.raises(Refused, match="leaves room for everybody else") as refusal:
        talking.begin(voter, [ONE], "Hi")
    assert refusal.value.code == "limit"
    talking.begin(Voter.objects.create(), [ONE], "Hi")


def test_prompt_too_long_for_the_model_is_refused_by_its_name(
    voter: Voter, monkeypatch: pytest.MonkeyPatch
) -> None:
    bend(monkeypatch, COUNTING, patience_s=0.1)
    small = replace(BEAT, worker="small-worker", context=200)
    publish(broker.connection(), small)
    with pytest.raises(Refused, match="too long for Xylophonic 9000"):
        talking.begin(voter, [ONE], "word " * 1_000)
    withdraw(broker.connection(), small)


def test_each_turn_sends_one_request_to_each_model(
    chat: Chat, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    answer_all(chat)
    with django_capture_on_commit_callbacks() as sent:
        talking.continue_(chat, "And?")
    assert len(sent) == len(Side)


# Pages


@pytest.fixture
def pages(client: Client, voter: Voter, settings: Settings) -> Client:
    settings.NAMED_CHATS = True
    become(client, voter)
    return client


def test_chat_is_begun_read_and_continued_without_a_script(pages: Client) -> None:
    assert 'href="/chats/"' in pages.get("/").content.decode()
    assert "Xylophonic 9000" in pages.get("/chats/").content.decode()
    begun = pages.post("/chats/", {"first": ONE, "second": TWO, "prompt": "Hi <there>"})
    chat = Chat.objects.get()
    assert begun.headers["location"] == f"/chats/{chat.public_id}/"
    page = pages.get(begun.headers["location"]).content.decode()
    assert "writing …" in page
    assert "This does not count." in page
    answer_all(chat)
    page = pages.get(begun.headers["location"]).content.decode()
    assert page.count("Hello.") == 2
    assert all(name in page for name in ("Xylophonic 9000", "Quetzalbird 9000", "Hi &lt;there&gt;"))
    again = pages.post(f"/chats/{chat.public_id}/turns/", {"prompt": "And?"})
    assert again.headers["location"] == f"/chats/{chat.public_id}/#turn-2"
    stopped = pages.post(f"/chats/{chat.public_id}/stop/")
    page = pages.get(stopped.headers["location"]).content.decode()
    assert page.count("Stopped before the first word.") == 2
    assert not Battle.objects.exists()
    assert not Tally.objects.exists()


@pytest.mark.parametrize("fate", ["failed", "somebody else's", "offline"])
def test_follow_up_that_is_refused_is_kept_in_a_box(pages: Client, chat: Chat, fate: str) -> None:
    talking.stop(chat)  # before a word: both have failed
    if fate == "offline":
        Contestant.objects.update(state=Contestant.State.PAUSED)
    if fate == "somebody else's":
        become(pages, Voter.objects.create())
    page = pages.post(f"/chats/{chat.public_id}/turns/", {"prompt": "Keep this"})
    assert page.status_code in (404, 409)
    assert ">Keep this</textarea>" in page.content.decode()


def test_reply_that_is_stored_is_complete_while_the_other_is_written(chat: Chat) -> None:
    live = LiveChat(chat.revisions)
    first, second = replies(chat)
    answer(first)
    live.finish(replies(chat)[0], at=0.0)
    live.absorb(Side.B, Entry("1-0", second.attempt, Kind.TEXT, "Once upon"))
    frame = live.frame()
    assert frame is not None
    assert [(p["side"], p["complete"]) for p in frame["panes"]] == [("A", True), ("B", False)]
    assert live.frame() is None


def test_refused_chat_keeps_prompt_and_models(pages: Client) -> None:
    sent = {"first": ONE, "second": ONE, "prompt": "Keep me"}
    page = pages.post("/chats/", sent)
    assert page.status_code == 400
    assert "Keep me" in page.content.decode()
    assert page.content.decode().count("selected") == 2


def test_chat_of_somebody_else_is_not_found(pages: Client, chat: Chat) -> None:
    assert pages.get(f"/chats/{chat.public_id}/").status_code == 200
    become(pages, Voter.objects.create())
    for path in ("", "turns/", "stop/"):
        answered = pages.post if path else pages.get
        assert answered(f"/chats/{chat.public_id}/{path}").status_code == 404


def test_chats_are_off_unless_the_operator_wants_them(
    pages: Client, chat: Chat, settings: Settings
) -> None:
    settings.NAMED_CHATS = False
    assert pages.get("/chats/").status_code == 404
    assert "/chats/" not in pages.get("/").content.decode()
    assert pages.get(f"/chats/{chat.public_id}/").status_code == 404
    assert pages.post("/chats/", {"first": ONE, "prompt": "Hi"}).status_code == 404
