"""How much of a turn may be shown now, by the clock of its live page; for pages and for Stop."""

from __future__ import annotations

from inference.contract.streams import all_entries

from .. import broker
from ..models import Answer, Side, Turn
from .turn import LiveTurn


def replay(answers: dict[Side, Answer], now: float) -> LiveTurn:
    """The turn as its watchers have seen it."""
    live = LiveTurn()
    for side, answer in answers.items():
        for entry in all_entries(broker.connection(), str(answer.stream)):
            live.absorb(side, entry)
        if answer.state == Answer.State.DONE:
            live.finish(side, answer, now)
    return live


def is_shown(turn: Turn) -> bool:
    """Whether all of the turn has been shown and stored. Complete answers may not have been shown
    yet: that one is complete would reveal its speed. So would a quicker reply here, so this always
    does the same work."""
    answers = {Side(answer.side): answer for answer in turn.answers.all()}
    now = broker.now()
    return replay(answers, now).complete(now)
