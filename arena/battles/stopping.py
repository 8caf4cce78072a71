"""Ends both answers of a turn under way at the words shown so far, even if more had been generated:
for Stop, for a vote while they are written, and for a skipped battle."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from django.db import transaction

from inference.contract.endings import FinishReason

from .. import broker
from ..generating import dispatch, measuring
from ..models import Answer, Battle, Side, Turn
from ..showing import replay
from ..showing.turn import LiveTurn, Pane, Position
from ..transactions import lock, retried
from . import checks
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
    while (underway := look(battle, Position.parse(seen))) and not _stop(underway, why):
        pass


@dataclass(frozen=True)
class Underway:
    """A turn under way, read from the broker before any lock is taken: a slow broker would hold
    the lock for seconds."""

    turn: Turn
    answers: dict[Side, Answer]
    live: LiveTurn
    words: int  # of each side, as far as its voter has seen

    @property
    def is_seen(self) -> bool:
        """Whether its voter has seen both answers to their ends."""
        return self.live.ends_at(self.words)

    def text(self, side: Side) -> str:
        return self.live.panes[side].words.first(self.words)

    def is_of(self, answers: dict[Side, Answer]) -> bool:
        """Whether `answers` have not changed since this was read."""
        return all(
            (answer.attempt, answer.state) == (answers[side].attempt, answers[side].state)
            for side, answer in self.answers.items()
        )


def look(battle: Battle, position: Position, judged: int = 0) -> Underway | None:
    """The last turn as shown by now, or up to `position`; None if there is nothing to stop. If its
    number is `judged`, a voter has judged it up to `position`, and it may be complete since."""
    turn = battle.turns.select_related("battle").latest("number")
    if turn.battle.state != Battle.State.OPEN or turn.stopped:
        return None
    answers, now = _answers(turn), broker.now()
    live = replay.replay(answers, now)
    words = live.seen_by(position, now)
    was_unfinished = judged == turn.number and not live.ends_at(words)
    if live.complete(now) and not was_unfinished:
        return None
    return Underway(turn, answers, live, words)


@retried
def end(underway: Underway, why: FinishReason) -> bool:
    """Store both answers as far as they were seen, and stop them. False if the turn has changed
    since it was read, so `underway` is stale. Answers without a word stay as they are."""
    battle = lock(underway.turn.battle_id)
    turn, answers = battle.turns.get(pk=underway.turn.pk), _answers(underway.turn)
    if battle.state != Battle.State.OPEN or turn.stopped or not underway.is_of(answers):
        return False
    turn.stopped = True
    turn.save(update_fields=["stopped"])
    for side, answer in answers.items():
        transaction.on_commit(partial(dispatch.stop, answer, underway.words))
        if underway.words:
            _write_down(answer, underway.live.panes[side], underway.words, why)
            transaction.on_commit(partial(checks.check, answer))
            transaction.on_commit(partial(measuring.stored, answer))
    return True


@retried
def _stop(underway: Underway, why: FinishReason) -> bool:
    if not end(underway, why):
        return False
    if underway.words == 0:
        void(underway.turn.battle, UNSEEN[why])
    return True


def _answers(turn: Turn) -> dict[Side, Answer]:
    rows = Answer.objects.filter(turn=turn).select_related("revision")
    return {Side(answer.side): answer for answer in rows}


def _write_down(answer: Answer, pane: Pane, words: int, why: FinishReason) -> None:
    is_complete = pane.ended and len(pane.words) <= words
    answer.state = Answer.State.DONE
    answer.text = pane.words.first(words)
    answer.finish_reason = pane.reason if is_complete else why
    answer.save(update_fields=["state", "text", "finish_reason"])
