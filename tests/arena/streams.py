"""Streams as if written by model workers some time ago."""

from __future__ import annotations

from typing import Any

from arena import broker
from arena.models import Answer, Battle, Side
from arena.models.generated import Generated
from inference.contract.requests import queue_of
from inference.contract.streams import Entry, Kind, all_entries, begin_attempt, stream_key


def queued_ago(one: Generated, seconds: float) -> None:
    """Backdate the queueing of its current attempt, by the broker's clock."""
    broker.connection().set(f"answer:{one.stream}:queued", broker.now() - seconds)


def lose_tasks(one: Generated) -> None:
    """Of its service: as if a worker had taken them, and died."""
    broker.connection().delete(queue_of(one.revision.service))


class Script:
    """Writes the streams of both sides of a battle's last turn."""

    def __init__(self, battle: Battle) -> None:
        turn = battle.turns.latest("number")
        self.answers = {Side(answer.side): answer for answer in turn.answers.all()}
        for answer in self.answers.values():
            begin_attempt(broker.connection(), str(answer.stream), answer.attempt)

    def say(self, side: Side, text: str, ago: float, ends: str = "") -> None:
        """`text` arrived `ago` seconds ago, together with the end, if given."""
        self._write(side, Kind.TEXT, text, ago)
        if ends:
            self._write(side, Kind.END, ends, ago)

    def say_stopped(self, side: Side, text: str, words: int, ago: float) -> None:
        """The voter stopped the answer when `words` words were shown."""
        self.say(side, text, ago)
        self._write(side, Kind.STOPPED, str(words), ago)

    def entries(self, answer: Answer) -> list[Entry]:
        return all_entries(broker.connection(), str(answer.stream))

    def _write(self, side: Side, kind: Kind, text: str, ago: float) -> None:
        answer = self.answers[side]
        fields: dict[Any, Any] = {"attempt": answer.attempt, "kind": kind.value, "text": text}
        at = f"{int(1000 * (broker.now() - ago))}-*"
        broker.connection().xadd(stream_key(str(answer.stream)), fields, id=at)
