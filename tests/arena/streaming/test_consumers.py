"""The websocket of a battle while nothing arrives: in a stalled battle, and with Valkey down."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
import redis
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import get_language
from uvicorn.protocols.utils import ClientDisconnected

from arena import broker
from arena.battles import skipping, turns, voiding
from arena.models import Battle, Side, Turn, Voter
from arena.showing.turn import LiveTurn
from arena.streaming import consumer, live
from arena.streaming.consumer import BattleConsumer
from arena.streaming.live import NOT_FOUND, TRY_AGAIN
from arena.streaming.tails import Tails
from arena.votes import casting
from arena.votes.voters import remember
from inference.contract.broker import connect

from ..conftest import answer_all
from ..streams import Script

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("in_service")]

NOWHERE = "redis://127.0.0.1:1"
WATCHED_S = 2.0


def both_stall(script: Script) -> None:
    for side in Side:
        script.say(side, "Once upon a time there", ago=30)


def one_stalls_the_other_is_complete(script: Script) -> None:
    script.say(Side.A, "Once upon a time there", ago=30)
    script.say(Side.B, "word " * 400, ago=30, ends="stop")


def both_are_complete_but_not_written_down(script: Script) -> None:
    for side in Side:
        script.say(side, "Done.", ago=30, ends="stop")


def both_were_stopped(script: Script) -> None:
    for side in Side:
        script.say_stopped(side, "Once upon a time there", words=2, ago=30)


STALLS = (
    both_stall,
    one_stalls_the_other_is_complete,
    both_are_complete_but_not_written_down,
    both_were_stopped,
)


@pytest.fixture(autouse=True)
def own_tails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tails bound to this test's event loop."""
    monkeypatch.setattr(consumer, "tails", Tails(settings.REDIS_URL))


Socket = Any  # an ApplicationCommunicator, which has no types


def asked_for(battle: Battle, query: bytes) -> dict[str, Any]:
    """By the voter's browser."""
    response = HttpResponse()
    remember(response, battle.voter)
    cookies = "; ".join(f"{name}={each.value}" for name, each in response.cookies.items())
    return {
        "type": "websocket",
        "headers": [(b"cookie", cookies.encode())],
        "query_string": query,
        "url_route": {"kwargs": {"public_id": battle.public_id}},
    }


async def opened(battle: Battle, query: bytes = b"") -> Socket:
    """The websocket of the voter's browser."""
    application: Any = BattleConsumer.as_asgi()
    asked = asked_for(battle, query)
    socket: Socket = ApplicationCommunicator(application, asked)  # type: ignore[no-untyped-call]
    await socket.send_input({"type": "websocket.connect"})
    assert (await socket.receive_output(30))["type"] == "websocket.accept"
    return socket


async def left(socket: Socket) -> None:
    await socket.send_input({"type": "websocket.disconnect", "code": 1001})
    await socket.wait(30)


async def watch_for_a_while(battle: Battle) -> None:
    socket = await opened(battle)
    await asyncio.sleep(WATCHED_S)
    await left(socket)


async def frames(battle: Battle, query: bytes = b"") -> list[dict[str, str]]:
    """Until it closes."""
    socket, seen = await opened(battle, query), list[dict[str, str]]()
    while (event := await socket.receive_output(30))["type"] != "websocket.close":
        seen.append(json.loads(event["text"]))
    await left(socket)
    return seen


async def how_it_closes(battle: Battle) -> int:
    socket = await opened(battle)
    closed = await socket.receive_output(30)
    assert closed["type"] == "websocket.close"
    await left(socket)
    return int(closed["code"])


@pytest.mark.parametrize("stall", STALLS)
def test_battle_that_stalls_is_looked_at_a_few_times_a_second(
    battle: Battle, stall: Callable[[Script], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    stall(Script(battle))
    looks = list[float]()
    frame = LiveTurn.frame

    def counted(live: LiveTurn, now: float) -> dict[str, Any] | None:
        looks.append(now)
        return frame(live, now)

    monkeypatch.setattr(LiveTurn, "frame", counted)
    async_to_sync(watch_for_a_while)(battle)
    assert 0 < len(looks) < 6 * WATCHED_S


async def first_words(battle: Battle, script: Script, looked: asyncio.Event) -> dict[str, Any]:
    socket = await opened(battle)
    await asyncio.wait_for(looked.wait(), 30)
    await asyncio.to_thread(both_stall, script)
    event = await socket.receive_output(30)
    await left(socket)
    frame: dict[str, Any] = json.loads(event["text"])
    return frame


def test_words_do_not_wait_for_a_look_at_the_database(
    battle: Battle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is slow where many pages wait, and each look pays for itself with a pause."""
    looked = asyncio.Event()

    async def never(_: Turn) -> None:
        looked.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(consumer, "look", never)
    shown = async_to_sync(first_words)(battle, Script(battle), looked)
    assert [pane["blocks"] != [] for pane in shown["panes"]] == [True, True]


def test_broker_that_is_away_is_a_line_in_the_log_and_the_browser_tries_again(
    battle: Battle, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(broker, "connection", cache(lambda: connect(NOWHERE)))
        assert async_to_sync(how_it_closes)(battle) == TRY_AGAIN
    [line] = [record for record in caplog.records if record.name == live.logger.name]
    assert (line.levelname, line.exc_info) == ("WARNING", None)


def test_broker_that_goes_away_in_mid_answer_is_a_line_in_the_log(
    battle: Battle, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def lose(*_: object) -> None:
        raise redis.ConnectionError("Connection closed by server.")

    monkeypatch.setattr("arena.streaming.tails.follow", lose)
    assert async_to_sync(how_it_closes)(battle) == TRY_AGAIN
    [line] = [record for record in caplog.records if record.name == live.logger.name]
    assert (line.levelname, line.exc_info) == ("WARNING", None)


@pytest.mark.parametrize("has_words", [False, True])
def test_battle_skipped_in_another_tab_is_over(battle: Battle, has_words: bool) -> None:
    if has_words:
        both_stall(Script(battle))
    skipping.skip(battle)
    assert async_to_sync(frames)(battle)[-1] == {"op": "over"}


def test_battle_voted_on_early_in_another_tab_is_over(battle: Battle) -> None:
    both_stall(Script(battle))
    casting.cast(battle, battle.voter, "A", casting.Seen.parse("1", "2.2"))
    assert async_to_sync(frames)(battle)[-1] == {"op": "over"}


@pytest.mark.parametrize(
    ("query", "language"),
    [(b"lang=fr", "fr"), (b"lang=xx", "en"), (b"lang=../de", "en"), (b"", "en")],
)
def test_frames_are_in_the_language_of_the_page(
    battle: Battle, query: bytes, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    voiding.void(battle, "it broke")
    monkeypatch.setattr(consumer, "gettext", lambda said: f"{get_language()}: {said}")
    [*_, last] = async_to_sync(frames)(battle, query)
    assert last == {"op": "void", "message": f"{language}: {voiding.APOLOGY}"}
    assert get_language() == "en"


async def after_nonsense(battle: Battle) -> dict[str, str]:
    """The frame that comes next."""
    socket = await opened(battle)
    for said in ({"text": "no JSON"}, {"bytes": b"\xff"}, {"text": "[" * 100_000}, {"text": "{}"}):
        await socket.send_input({"type": "websocket.receive", **said})
    frame = json.loads((await socket.receive_output(30))["text"])
    await left(socket)
    return dict(frame)


def test_nonsense_from_a_browser_is_not_read(
    battle: Battle, caplog: pytest.LogCaptureFixture
) -> None:
    both_stall(Script(battle))
    assert async_to_sync(after_nonsense)(battle)["op"] == "text"
    assert [record for record in caplog.records if record.name == live.logger.name] == []


async def hangs_up(battle: Battle) -> None:
    """While a frame is sent to it: then the server's protocol raises."""
    application: Any = BattleConsumer.as_asgi()
    ended = asyncio.Event()
    said = iter([{"type": "websocket.connect"}])

    async def receive() -> dict[str, Any]:
        if (event := next(said, None)) is not None:
            return event
        await ended.wait()
        return {"type": "websocket.disconnect", "code": 1006}

    async def send(event: dict[str, Any]) -> None:
        if event["type"] != "websocket.accept":
            ended.set()
            raise ClientDisconnected

    await application(asked_for(battle, b""), receive, send)


def test_browser_that_hangs_up_is_no_line_in_the_log(
    battle: Battle, caplog: pytest.LogCaptureFixture
) -> None:
    both_stall(Script(battle))
    async_to_sync(hangs_up)(battle)
    assert [record.getMessage() for record in caplog.records] == []


def test_battle_of_somebody_else_is_none(battle: Battle) -> None:
    battle.voter = Voter.objects.create()
    assert async_to_sync(how_it_closes)(battle) == NOT_FOUND


def test_page_of_an_older_turn_is_told_to_reload(battle: Battle) -> None:
    answer_all(battle)
    turns.continue_(battle, "And?")
    assert asyncio.run(frames(battle, b"turn=1&at=2.1")) == [{"op": "over"}]
