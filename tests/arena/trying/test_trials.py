"""Chats in which staff try a contestant."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from asgiref.testing import ApplicationCommunicator
from channels.routing import URLRouter
from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.test import Client
from django.utils import timezone

from arena import broker
from arena.chats import trials
from arena.chats.replying import life
from arena.contestants import lifecycle
from arena.errors import Refused
from arena.generating.settling import settle
from arena.models import Battle, Chat, Contestant, Reply, Tally, Voter
from arena.streaming import live
from arena.streaming.tails import Tails
from arena.tasks import sweep_old
from arena.urls import websocket_urlpatterns
from arena.votes import own_data
from inference.contract.presence import withdraw
from inference.contract.requests import GenerateResult

from ..conftest import BEAT
from .conftest import staff

pytestmark = pytest.mark.usefixtures("in_service")


@pytest.fixture
def chat(draft: Contestant, keeper: User) -> Chat:
    return trials.begin(keeper, draft.revisions.get(), "Hello?")


def answer(chat: Chat, text: str = "Hello.") -> None:
    reply = Reply.objects.get(turn__chat=chat, state=Reply.State.QUEUED)
    given = {"stream": str(reply.stream), "attempt": reply.attempt, "text": text}
    settle(life, reply.pk, GenerateResult.from_dict({"finish_reason": "stop", **given}))


def test_draft_answers_its_staff_and_nothing_counts(chat: Chat, draft: Contestant) -> None:
    answer(chat)
    assert chat.turns.get().replies.get().text == "Hello."
    assert draft.state == Contestant.State.DRAFT
    assert not Battle.objects.exists()
    assert not Tally.objects.exists()
    assert not Voter.objects.exists()


def test_model_that_no_worker_serves_is_refused(draft: Contestant, keeper: User) -> None:
    withdraw(broker.connection(), BEAT)
    with pytest.raises(Refused, match="No model worker serves the weights zugzwang-weights now"):
        trials.begin(keeper, draft.revisions.get(), "Hello?")
    assert not Chat.objects.exists()


def test_trial_is_in_no_data_of_a_voter(chat: Chat, voter: Voter) -> None:
    assert "Hello?" not in "".join(own_data.pieces(voter))


def test_chat_belongs_to_a_voter_or_to_staff(chat: Chat, voter: Voter) -> None:
    for owners in ({"voter": voter}, {"staff": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Chat.objects.filter(pk=chat.pk).update(**owners)


def test_old_trials_are_deleted_and_chats_of_voters_stay(chat: Chat, voter: Voter) -> None:
    of_voter = Chat.objects.create(voter=voter, revision_a=chat.revision_a)
    Chat.objects.update(created=timezone.now() - timedelta(days=6))
    sweep_old()
    assert Chat.objects.count() == 2
    Chat.objects.update(created=timezone.now() - timedelta(days=8))
    sweep_old()
    assert list(Chat.objects.all()) == [of_voter]


def test_model_goes_with_its_trials_but_not_with_a_chat_of_a_voter(
    chat: Chat, draft: Contestant, voter: Voter
) -> None:
    answer(chat)
    of_voter = Chat.objects.create(voter=voter, revision_a=chat.revision_a)
    assert "chats" in lifecycle.parts_taken(draft)
    with pytest.raises(ProtectedError):
        draft.revisions.get().delete()
    of_voter.delete()
    assert lifecycle.parts_taken(draft) == []
    draft.revisions.get().delete()
    assert not Chat.objects.exists()


# Its page


def test_chat_is_begun_and_continued_on_the_page_of_its_contestant(
    pages: Client, draft: Contestant
) -> None:
    page = f"/admin/arena/probe/{draft.pk}/"
    begun = pages.post(f"{page}chat/", {"revision": "1", "prompt": "Hi <there>"})
    chat = Chat.objects.get()
    assert begun.headers["location"] == f"{page}?revision=1&chat={chat.public_id}#chat"
    shown = pages.get(begun.headers["location"]).content.decode()
    assert "Hi &lt;there&gt;" in shown
    assert f'data-chat="/ws/trials/{chat.public_id}/"' in shown
    answer(chat)
    again = pages.post(f"/admin/arena/probe/chat/{chat.public_id}/turns/", {"prompt": "And?"})
    assert chat.turns.count() == 2
    pages.post(f"/admin/arena/probe/chat/{chat.public_id}/stop/")
    shown = pages.get(again.headers["location"]).content.decode()
    assert "Stopped before the first word." in shown
    assert pages.get(f"/chats/{chat.public_id}/").status_code == 404


def test_refused_prompt_stays_in_its_box(pages: Client, draft: Contestant) -> None:
    withdraw(broker.connection(), BEAT)
    refused = pages.post(f"/admin/arena/probe/{draft.pk}/chat/", {"prompt": "Keep me"})
    assert refused.status_code == 503
    assert ">Keep me</textarea>" in refused.content.decode()
    assert "No model worker serves" in refused.content.decode()


def test_trial_of_somebody_else_is_not_found(client: Client, chat: Chat) -> None:
    other = staff("other", "change_contestant", "view_contestant")
    client.force_login(other, backend="django.contrib.auth.backends.ModelBackend")
    page = f"/admin/arena/probe/{chat.revision_a.contestant_id}/?chat={chat.public_id}"
    assert client.get(page).status_code == 404
    for path in ("turns", "stop"):
        posted = client.post(f"/admin/arena/probe/chat/{chat.public_id}/{path}/")
        assert posted.status_code == 404


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("who", "code"), [("author", None), ("somebody", 4404), ("reader", 4404), ("nobody", 4404)]
)
def test_websocket_streams_a_trial_to_its_author_only(
    chat: Chat, keeper: User, client: Client, who: str, code: int | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("arena.streaming.chat.tails", Tails(settings.REDIS_URL))
    assert live.NOT_FOUND == 4404
    others = {"somebody": ("change_contestant",), "reader": ("view_contestant",)}
    user = keeper if who == "author" else None
    if who in others:
        user = staff(who, *others[who])
    if who == "reader":
        Chat.objects.update(staff=user)
    if user:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    answer(chat, "Fine words.")
    closes, frames = async_to_sync(_frames)(client, chat)
    if code:
        assert (closes, frames) == (code, [])
    else:
        assert closes == 1000
        assert "Fine words." in "".join(frames)


@pytest.mark.django_db(transaction=True)
def test_socket_closes_once_its_author_has_signed_out(
    chat: Chat, keeper: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one that was opened with a stolen cookie: it has the same session."""
    monkeypatch.setattr("arena.streaming.chat.tails", Tails(settings.REDIS_URL))
    client.force_login(keeper, backend="django.contrib.auth.backends.ModelBackend")

    async def opened_and_signed_out() -> int:
        socket = await _connected(client, chat)
        assert (await socket.receive_output(30))["type"] == "websocket.accept"
        await sync_to_async(client.logout)()
        return (await _until_closed(socket))[0]

    assert async_to_sync(opened_and_signed_out)() == live.NOT_FOUND


async def _frames(client: Client, chat: Chat) -> tuple[int, list[str]]:
    return await _until_closed(await _connected(client, chat))


async def _connected(client: Client, chat: Chat) -> Any:
    cookies = "; ".join(f"{name}={each.value}" for name, each in client.cookies.items())
    scope = {
        "type": "websocket",
        "path": f"/ws/trials/{chat.public_id}/",
        "headers": [(b"cookie", cookies.encode())],
        "query_string": b"turn=1",
    }
    router = URLRouter(websocket_urlpatterns)
    communicator: Any = ApplicationCommunicator
    socket = communicator(router, scope)
    await socket.send_input({"type": "websocket.connect"})
    return socket


async def _until_closed(socket: Any) -> tuple[int, list[str]]:
    frames: list[str] = []
    while (event := await socket.receive_output(30))["type"] != "websocket.close":
        frames += [event["text"]] if "text" in event else []
    await socket.send_input({"type": "websocket.disconnect", "code": 1001})
    await socket.wait(30)
    return int(event["code"]), frames
