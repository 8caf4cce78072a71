"""Stop: both answers are cut to the words shown so far, even if more had been generated."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from django.db import transaction

from inference.contract.endings import FinishReason

from .. import broker
from ..generating import dispatch
from ..models import Answer, Battle, Side, Turn
from ..showing import replay
from ..showing.turn import LiveTurn, Pane, Position
from ..transactions import lock, retried
from .voiding import UNWATCHED, void

UNSEEN = {
    FinishReason.CANCELLED: "stopped before anything was shown",
    FinishReason.ABANDONED: UNWATCHED,
}


def stop(battle: Battle, seen: str = "", *, why: FinishReason = FinishReason.CANCELLED) -> None:
    """End both answers of the last turn at the words shown by now, or at the position the browser
    reports as `seen`. The text shown is stored at once and can be voted on; any further text is
    discarded. If no word was shown the battle is voided."""
    # Ends: each retry means that an answer was stored or retried, which happens a few times only.
    while (what := _look(battle, seen)) is not None and not _stop(what, why):
        pass


@dataclass(frozen=True)
class _Seen:
    """A turn under way, read from the broker before any lock is taken: a slow broker would hold
    the lock for seconds."""

    turn: Turn
    answers: dict[Side, Answer]
    live: LiveTurn
    words: int  # of each side

    def is_of(self, answers: dict[Side, Answer]) -> bool:
        """Whether `answers` have not changed since this was read."""
        return all(
            (answer.attempt, answer.state) == (answers[side].attempt, answers[side].state)
            for side, answer in self.answers.items()
        )


def _look(battle: Battle, seen: str) -> _Seen | None:
    """The last turn as shown by now; None if there is nothing to stop."""
    turn = battle.turns.select_related("battle").latest("number")
    if turn.battle.state != Battle.State.OPEN or turn.stopped:
        return None
    answers, now = _answers(turn), broker.now()
    live = replay.replay(answers, now)
    if live.complete(now):
        return None
    return _Seen(turn, answers, live, live.seen_by(Position.parse(seen), now))


@retried
def _stop(seen: _Seen, why: FinishReason) -> bool:
    """Stop the turn. False if it has changed since it was read, so `seen` is stale."""
    battle = lock(seen.turn.battle_id)
    turn, answers = battle.turns.get(pk=seen.turn.pk), _answers(seen.turn)
    if battle.state != Battle.State.OPEN or turn.stopped or not seen.is_of(answers):
        return False
    turn.stopped = True
    turn.save(update_fields=["stopped"])
    for answer in answers.values():
        transaction.on_commit(partial(dispatch.stop, answer, seen.words))
    if seen.words == 0:
        void(battle, UNSEEN[why])
        return True
    for side, answer in answers.items():
        _write_down(answer, seen.live.panes[side], seen.words, why)
    return True


def _answers(turn: Turn) -> dict[Side, Answer]:
    return {Side(answer.side): answer for answer in Answer.objects.filter(turn=turn)}


def _write_down(answer: Answer, pane: Pane, words: int, why: FinishReason) -> None:
    is_complete = pane.ended and len(pane.words) <= words
    answer.state = Answer.State.DONE
    answer.text = pane.words.first(words)
    answer.finish_reason = pane.reason if is_complete else why
    answer.save(update_fields=["state", "text", "finish_reason"])
