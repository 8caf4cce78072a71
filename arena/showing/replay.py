"""What of a turn may be seen now, by the same clock as its live page: for pages and for Stop."""

from __future__ import annotations

from inference.contract.streams import all_entries

from .. import broker
from ..models import Answer, Side, Turn
from .turn import LiveTurn


def replay(answers: dict[Side, Answer], now: float) -> LiveTurn:
    """The turn as whoever watches it has seen it."""
    live = LiveTurn()
    for side, answer in answers.items():
        for entry in all_entries(broker.connection(), str(answer.stream)):
            live.absorb(side, entry)
        if answer.state == Answer.State.DONE:
            live.finish(side, answer, now)
    return live


def is_shown(turn: Turn) -> bool:
    """Whether all of it has been shown and written down. Answers that are complete may not be: that
    one is tells how quick it was, and so would an answer here that took less time."""
    answers = {Side(answer.side): answer for answer in turn.answers.all()}
    now = broker.now()
    return replay(answers, now).complete(now)
