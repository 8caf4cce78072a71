"""Consent, download and deletion of one's data."""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import LazySettings
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from arena import broker
from arena.counting import standing
from arena.exporting import consent, shares
from arena.exporting.votes import exported
from arena.labelling import by_model, by_rules
from arena.models import (
    Answer,
    Battle,
    BattleLabels,
    Campaign,
    Chat,
    Consent,
    Flag,
    Objection,
    Remark,
    Reply,
    Revision,
    Share,
    Side,
    Suspect,
    Tally,
    Turn,
    Vote,
    Voter,
    VoteReason,
)  # fmt: skip
from arena.models.chats import ChatTurn
from arena.votes import forgetting, objections, reasons
from arena.votes.reasons import Said
from inference.contract.streams import stream_key
from ratings.archive.reproduce import reproduce
from ratings.findings.examples import votes_to_show
from ratings.models import Snapshot
from ratings.refreshing import drafts
from ratings.refreshing.recount import differences
from tests import factories
from tests.arena.conftest import become

from .conftest import Cast, page_of

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "My secret recipe"


def close() -> None:
    """The connection of the thread that read the database."""
    connection.close()


def data_of(client: Client) -> dict[str, Any]:
    response: Any = client.get("/mine/data.json")
    assert response.status_code == 200

    async def whole() -> bytes:
        pieces = [piece async for piece in response.streaming_content]
        await sync_to_async(close)()
        return b"".join(pieces)

    found: dict[str, Any] = json.loads(asyncio.run(whole()))
    return found


def tallies() -> set[tuple[object, ...]]:
    return set(Tally.objects.values_list("slice", "first", "second", *Tally.COUNTS))


@pytest.fixture
def chat(revisions: list[Revision], voter: Voter) -> Chat:
    made = Chat.objects.create(voter=voter, revision_a=revisions[0])
    turn = ChatTurn.objects.create(chat=made, number=1, prompt=f"{SECRET} in a chat")
    Reply.objects.create(turn=turn, side="A", revision=revisions[0], state="DONE", text="Hm.")
    return made


def unvoted(
    campaign: Campaign, revisions: list[Revision], voter: Voter, state: str = "OPEN"
) -> Battle:
    one, _, other = revisions
    skipped = {"skipped": timezone.now()} if state == "SKIPPED" else {}
    battle = factories.battle(
        campaign, one.contestant, other.contestant, voter=voter, state=state, **skipped
    )
    factories.turn(battle, f"{SECRET}, {state}", {one: f"{SECRET}?", other: "x"})
    return battle


def test_file_holds_all_of_ones_data_and_no_model_before_the_vote(
    browser: Client, vote_on: Cast, voter: Voter, campaign: Campaign, revisions: list[Revision],
    chat: Chat,
) -> None:  # fmt: skip
    consent.give(voter)
    vote = vote_on(0, 1, "TIE", "Why “ü”?")
    objections.object_to(vote, "A slip.")
    standing.exclude(Vote.objects.filter(pk=vote.pk), "spam")
    unvoted(campaign, revisions, voter)
    vote_on(1, 2, by=Voter.objects.create(), prompt="Of somebody else")
    found = data_of(browser)
    voted, waiting = found["battles"]
    assert voted["turns"][0]["prompt"] == "Why “ü”?"
    assert [a["text"] for a in voted["turns"][0]["answers"]] == [
        "Because of one.",
        "Because of other.",
    ]
    assert (voted["model_a"], voted["model_b"]) == ("Ada", "Bea")
    assert (voted["vote"]["verdict"], voted["vote"]["standing"]) == ("TIE", "EXCLUDED")
    assert voted["vote"]["changes"][0]["reason"] == "spam"
    assert voted["vote"]["objections"][0]["text"] == "A slip."
    assert voted["labels"]["length"] == "short"
    assert waiting["turns"] == [{"number": 1, "prompt": f"{SECRET}, OPEN"}]
    assert not {"model_a", "vote", "labels"} & waiting.keys()
    assert (
        found["consents"][0]["sha256"] == hashlib.sha256(str(consent.WORDING).encode()).hexdigest()
    )
    assert found["chats"][0]["turns"][0]["replies"] == [{"model": "Ada", "text": "Hm."}]
    assert "Of somebody else" not in json.dumps(found)


def test_file_holds_flags_but_none_of_answers_before_the_vote(
    browser: Client, vote_on: Cast, voter: Voter, campaign: Campaign, revisions: list[Revision]
) -> None:
    for battle in (vote_on().battle, unvoted(campaign, revisions, voter)):
        Flag.objects.create(battle=battle, turn=1, category="hate", action="WARN", proceeded=True)
        Flag.objects.create(
            battle=battle, turn=1, side="B", about="ANSWER", category="violence", action="LOG"
        )
    voted, waiting = (battle["flags"] for battle in data_of(browser)["battles"])
    assert [(one["category"], one["sent_anyway"]) for one in waiting] == [("hate", True)]
    assert [(one["category"], one["side"]) for one in voted] == [("hate", None), ("violence", "B")]
    forgetting.forget(voter)
    assert not Flag.objects.exists()


def test_file_holds_how_suspicious_ones_votes_are(
    browser: Client, vote_on: Cast, voter: Voter, campaign: Campaign
) -> None:
    vote = vote_on()
    favoured = vote.battle.contestant_a
    reason = {"rule": "pace", "title": "Too quick", "weight": 0.5, "words": "fast", "speaks": True}
    for of in (voter, Voter.objects.create()):
        Suspect.objects.create(
            voter=of, campaign=campaign, score=1.7, corroborated=True, reasons=[reason],
            leanings={f"{favoured.pk}+": 12.5}, keys=[7], votes=1, first=vote.created,
            through=vote.pk, held=vote.created,
        )  # fmt: skip
    [told] = data_of(browser)["suspicions"]
    assert (told["campaign"], told["score"], told["second_rule"]) == (campaign.slug, 1.7, True)
    assert told["reasons"] == [{"rule": "Too quick", "adds": 0.5, "found": "fast"}]
    assert told["leanings"] == [{"model": favoured.name, "for": True, "e_value": 12.5}]
    assert (told["keys_of_prompts"], told["held"]) == ([7], vote.created.isoformat())


def test_file_of_many_battles_is_whole(
    browser: Client, voter: Voter, campaign: Campaign, revisions: list[Revision],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("arena.votes.own_data.AT_ONCE", 2)
    made = [unvoted(campaign, revisions, voter) for _ in range(5)]
    assert [one["id"] for one in data_of(browser)["battles"]] == [one.public_id for one in made]


def test_nobody_gets_a_file_without_a_voter(client: Client) -> None:
    assert client.get("/mine/data.json").status_code == 404


def test_deletion_says_what_stays_and_wants_to_be_sure(browser: Client, vote_on: Cast) -> None:
    vote_on()
    page = page_of(browser, "/mine/delete/")
    assert "What stays" in page
    assert "Your votes, as numbers" in page
    response = browser.post("/mine/delete/")
    assert response.status_code == 400
    assert b"Tick the box first" in response.content
    assert Turn.objects.exclude(prompt="").exists()
    strict = Client(enforce_csrf_checks=True)
    become(strict, Voter.objects.get())
    assert strict.post("/mine/delete/", {"sure": "yes"}).status_code == 403
    assert Turn.objects.exclude(prompt="").exists()
    assert Client().post("/mine/delete/", {"sure": "yes"}).status_code == 404


def test_deletion_leaves_votes_and_no_text(
    browser: Client, vote_on: Cast, voter: Voter, campaign: Campaign, revisions: list[Revision],
    chat: Chat,
) -> None:  # fmt: skip
    consent.give(voter)
    vote = vote_on(0, 1, "A", f"{SECRET}: write a Python function")
    theirs = vote_on(0, 1, "B", "Of somebody else", by=Voter.objects.create())
    objection = objections.object_to(vote, SECRET)
    drafts.refresh_all()
    before, labels = tallies(), list(BattleLabels.objects.values())
    open_ = unvoted(campaign, revisions, voter)
    for state in ("VOID", "SKIPPED"):
        unvoted(campaign, revisions, voter, state)
    Answer.objects.filter(turn__battle=open_, side="B").update(state=Answer.State.QUEUED)
    stream = stream_key(str(Answer.objects.filter(turn__battle=vote.battle).earliest("pk").stream))
    broker.connection().xadd(stream, {"text": SECRET})
    response = browser.post("/mine/delete/", {"sure": "yes"})
    assert (response.status_code, response["Location"]) == (302, "/mine/deleted/")
    assert response.cookies["voter"]["max-age"] == 0
    assert b"Your texts are gone" in browser.get("/mine/deleted/").content

    own = Battle.objects.filter(voter=voter)
    assert set(Turn.objects.filter(battle__in=own).values_list("prompt", flat=True)) == {""}
    texts = Answer.objects.filter(turn__battle__in=own).values_list("text", "thoughts", "error")
    assert set(texts) == {("", "", "")}
    assert not Objection.objects.filter(pk=objection.pk).exists()
    assert not Chat.objects.exists()
    assert not broker.connection().exists(stream)
    open_.refresh_from_db()
    assert open_.state == Battle.State.VOID
    assert not Answer.objects.filter(state=Answer.State.QUEUED).exists()
    assert Turn.objects.get(battle=theirs.battle).prompt == "Of somebody else"

    assert Vote.objects.get(pk=vote.pk).verdict == "A"
    assert tallies() == before
    assert list(BattleLabels.objects.values()) == labels
    assert differences(campaign) == []


def test_reasons_comments_and_links_are_downloaded_and_deleted(
    browser: Client, vote_on: Cast, voter: Voter
) -> None:
    consent.give(voter)
    vote = vote_on()
    shares.share(vote)
    said = {Side.A: Said(["accurate"], SECRET), Side.B: Said(["style"])}
    reasons.keep(vote, said)
    [battle] = data_of(browser)["battles"]
    given = [{"side": "A", "reason": "accurate"}, {"side": "B", "reason": "style"}]
    assert battle["vote"]["reasons"] == given
    assert battle["vote"]["comments"] == {"A": SECRET}
    assert battle["vote"]["shared"]
    forgetting.forget(voter)
    for model in (VoteReason, Remark, Share):
        assert not model.objects.exists()
    reasons.keep(vote, said)  # a tab that was still open
    assert forgetting.sweep() == 1
    assert not Remark.objects.exists()


def test_old_cookie_opens_nothing_after_the_deletion(
    browser: Client, vote_on: Cast, voter: Voter
) -> None:
    vote = vote_on()
    cookie = browser.cookies["voter"].value
    browser.post("/mine/delete/", {"sure": "yes"})
    browser.cookies["voter"] = cookie
    assert "has not started a battle yet" in page_of(browser, "/mine/")
    page_of(browser, f"/votes/{vote.battle.public_id}/", 404)
    page_of(browser, f"/battles/{vote.battle.public_id}/", 403)
    gone = Voter.objects.get(pk=voter.pk)
    assert gone.forgotten is not None
    assert gone.key != voter.key


def test_deleted_texts_are_in_no_later_export_and_in_no_example(
    browser: Client, vote_on: Cast, voter: Voter, campaign: Campaign
) -> None:
    consent.give(voter)
    vote_on()
    assert len(list(exported(campaign, counted_only=False))) == 1
    assert len(votes_to_show(campaign, "ada", "bea")) == 1
    browser.post("/mine/delete/", {"sure": "yes"})
    assert list(exported(campaign, counted_only=False)) == []
    assert votes_to_show(campaign, "ada", "bea") == ()
    [kept] = Consent.objects.all()
    assert kept.withdrawn is not None


def is_reproduced(snapshot: Snapshot, folder: Path) -> bool:
    file = folder / f"{snapshot.public_id}.zip"
    file.write_bytes(bytes(snapshot.archive or b""))
    return reproduce(file).differences == []


def test_publications_can_still_be_reproduced_after_a_deletion(
    browser: Client, vote_on: Cast, settings: LazySettings, tmp_path: Path
) -> None:
    settings.PUBLISH_EVERY = timedelta(0)
    for a, b, verdict in ((0, 1, "A"), (1, 2, "A"), (2, 0, "A"), (0, 1, "B")):
        vote_on(a, b, verdict)
    drafts.refresh_all()
    first = Snapshot.objects.filter(board__slug="overall").latest("pk")
    browser.post("/mine/delete/", {"sure": "yes"})
    assert is_reproduced(first, tmp_path)
    Snapshot.objects.filter(pk=first.pk).update(fingerprint="", input_sha256="")
    drafts.refresh_all()
    again = Snapshot.objects.filter(board__slug="overall").latest("pk")
    assert again.votes == first.votes
    assert is_reproduced(again, tmp_path)


def test_labels_of_deleted_texts_are_not_made_anew(
    browser: Client, vote_on: Cast, campaign: Campaign
) -> None:
    vote_on(0, 1, "A", "Write a Python function for me, please.")
    browser.post("/mine/delete/", {"sure": "yes"})
    before = tallies()
    BattleLabels.objects.update(source="rules 0")
    assert by_rules.label_all(campaign, lambda _: None, every=True) == 0
    assert not by_model.waiting("a model").exists()
    call_command("check_tallies", verbosity=0)
    assert {row for row in tallies() if any(row[3:])} == before


def test_deletion_takes_few_queries_however_many_battles_there_are(
    vote_on: Cast, voter: Voter, campaign: Campaign, revisions: list[Revision]
) -> None:
    taken = []
    for battles in (1, 8):
        someone = Voter.objects.create()
        for _ in range(battles):
            vote_on(by=someone)
            unvoted(campaign, revisions, someone)
        with CaptureQueriesContext(connection) as queries:
            forgetting.forget(someone)
        taken.append(len(queries))
    assert taken[0] == taken[1]


def test_two_who_delete_at_once_delete_once(vote_on: Cast, voter: Voter) -> None:
    vote_on()
    together, failed = threading.Barrier(3), list[Exception]()

    def click() -> None:
        together.wait()
        try:
            forgetting.forget(voter)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert Turn.objects.get().prompt == ""


def test_consent_keeps_its_words_times_and_language(browser: Client, voter: Voter) -> None:
    page = page_of(browser, "/mine/")
    assert "you have not agreed to it" in page
    browser.post("/mine/consent/", {"consent": "yes"})
    [first] = Consent.objects.all()
    assert (first.version, first.language) == (consent.VERSION, "en")
    assert first.wording == str(consent.WORDING)
    assert first.sha256 == hashlib.sha256(first.wording.encode()).hexdigest()
    browser.post("/mine/consent/", {"consent": "yes"})
    assert Consent.objects.count() == 1
    browser.post("/mine/consent/")
    assert not consent.is_given(voter)
    browser.post("/mine/consent/", {"consent": "yes"})
    earlier, now = consent.history(voter)
    assert earlier.pk == first.pk
    assert earlier.given == first.given
    assert earlier.withdrawn is not None
    assert now.withdrawn is None
    page = page_of(browser, "/mine/")
    assert page.count(first.sha256) == 2
    assert "Withdraw my consent" in page


def test_consent_in_other_words_replaces_the_earlier_one(
    voter: Voter, monkeypatch: pytest.MonkeyPatch
) -> None:
    consent.give(voter)
    monkeypatch.setattr(consent, "WORDING", "Mes votes peuvent être publiés.")
    with translation.override("fr"):
        consent.give(voter)
    before, after = consent.history(voter)
    assert before.withdrawn is not None
    assert (after.language, after.wording) == ("fr", "Mes votes peuvent être publiés.")
    assert after.sha256 != before.sha256
    with pytest.raises(IntegrityError), transaction.atomic():
        Consent.objects.create(voter=voter, version=1, language="en", wording="x", sha256="x")
