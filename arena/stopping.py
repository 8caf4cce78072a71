"""Stop: both answers end with what was seen of them, whichever had come further."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from . import battles, broker, dispatch, showing
from .endings import CANCELLED
from .live import Pane, Position
from .models import Answer, Battle, Side
from .transactions import lock, retried


@retried
def stop(battle: Battle, seen: str = "") -> None:
    """End both answers of the last turn where they are shown by now, or where the browser says it
    had come to. What was seen is written down at once and can be voted on; what else was written,
    or will be, is kept nowhere. Without a word seen there is nothing to compare."""
    battle = lock(battle.pk)
    turn = battle.turns.latest("number")
    if battle.state != Battle.State.OPEN or turn.stopped:
        return
    answers = {Side(answer.side): answer for answer in turn.answers.all()}
    now = broker.now()
    live = showing.replay(answers, now)
    if live.complete(now):
        return
    words = live.seen_by(Position.parse(seen), now)
    turn.stopped = True
    turn.save(update_fields=["stopped"])
    for answer in answers.values():
        transaction.on_commit(partial(dispatch.stop, answer, words))
    if words == 0:
        battles.void(battle, "stopped before anything was shown")
        return
    for side, answer in answers.items():
        _write_down(answer, live.panes[side], words)


def _write_down(answer: Answer, pane: Pane, words: int) -> None:
    is_complete = pane.ended and len(pane.words) <= words
    answer.state = Answer.State.DONE
    answer.text = pane.words.first(words)
    answer.finish_reason = pane.reason if is_complete else CANCELLED
    answer.save(update_fields=["state", "text", "finish_reason"])
