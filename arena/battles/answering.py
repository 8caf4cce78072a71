"""The answers of a battle, which are shown as they are written. One that keeps failing is given up
without revealing its contestant: it is swapped if the voter has seen none of its text, otherwise
the battle is voided. One whose worker is gone waits for it first, unless it can be swapped."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from inference.contract import traces
from inference.contract.endings import FinishReason
from inference.contract.requests import GenerateResult
from inference.contract.streams import waited_s

from .. import broker
from ..generating import dispatch, measuring
from ..generating.life import Cause, Fault, Life, Policy
from ..generating.settling import UNSERVED
from ..limits import ATTEMPTS, WATCHDOG, AnswerTimes
from ..matchmaking import changing, live_pairs, resting
from ..models import Answer, Revision, Side
from ..models.generated import FIGURES
from ..transactions import lock, retried
from . import checks, stopping, watching
from .voiding import void

SWAPPED = "/swapped"  # after the policy: its probability is that of the pair first drawn
BY_CAUSE = {
    Cause.MODEL: ATTEMPTS.of_battle,
    Cause.WORKER: ATTEMPTS.of_battle,
    Cause.LOST: ATTEMPTS.of_battle_lost,
    Cause.QUEUE: 1,  # a retry would wait as long again
}


class AnswerLife(Life[Answer]):
    model = Answer
    needs = ("revision__contestant", "turn__battle__contestant_a", "turn__battle__contestant_b")
    task = "arena.record_answer"

    @property
    def policy(self) -> Policy:
        times = AnswerTimes(settings.ANSWER_SECONDS, settings.QUEUE_SECONDS)
        return Policy(times, BY_CAUSE)

    def lock(self, pk: int) -> None:
        lock(Answer.objects.values_list("turn__battle", flat=True).get(pk=pk))

    def messages(self, one: Answer) -> list[dict[str, str]]:
        return dispatch.conversation(one.turn, one.side, one.revision.system_prompt)

    def voter_of(self, one: Answer) -> int | None:
        return one.turn.battle.voter_id

    def trace_of(self, one: Answer) -> str:
        return traces.of(one.turn.battle.public_id)

    def give_up(self, one: Answer, fault: Fault) -> bool:
        while True:
            substitute = self._substitute(one)
            if substitute is None and fault == UNSERVED and self._may_be_back(one):
                return False
            if (is_done := self._leave(one, fault, substitute)) is not None:
                return is_done
            # Otherwise the other side has drawn the same substitute concurrently.

    def ended(self, one: Answer, fault: Fault | None) -> None:
        if fault is None:
            resting.end(one.revision)
            checks.check(Answer.objects.select_related("turn__battle").get(pk=one.pk))
        elif fault.cause is Cause.MODEL:
            is_last = self.is_last(one, fault)
            resting.note_failure(one, fault.reason, of_prompt=fault.of_prompt, is_last=is_last)

    def late(self, pk: int, result: GenerateResult) -> None:
        """Store the timings and token counts of a stopped answer: they arrive after it was stored.
        Its text stays as the voter saw it; its thoughts are not stored once the voter has deleted
        all texts."""
        stopped = Answer.objects.filter(
            pk=pk, state=Answer.State.DONE, attempt=result.attempt, total_s=None, turn__stopped=True
        )
        told = {name: Answer.storable(name, getattr(result, name)) for name in FIGURES}
        figures = {name: value for name, value in told.items() if value}
        with transaction.atomic():
            if (battle := stopped.values_list("turn__battle", flat=True).first()) is None:
                return
            if lock(battle).voter.forgotten:
                figures.pop("thoughts", None)
            is_news = stopped.update(**figures)
        if is_news:
            measuring.timed(Answer.objects.select_related("revision").get(pk=pk))

    def abandoned(self, one: Answer) -> bool:
        """Stop the battle if nobody has watched it for `WATCHDOG.absent_s`. True if so."""
        waited = waited_s(broker.connection(), str(one.stream))
        is_old = waited is not None and waited > WATCHDOG.absent_s
        if not is_old or watching.is_watched(one.turn.battle):
            return False
        stopping.stop(one.turn.battle, why=FinishReason.ABANDONED)
        return True

    def _may_be_back(self, one: Answer) -> bool:
        """Whether the worker that served it may just be starting again, as one that hung does."""
        waited = waited_s(broker.connection(), str(one.stream))
        return waited is not None and waited < WATCHDOG.back_s

    def _substitute(self, one: Answer) -> Revision | None:
        """A contestant to swap in unnoticed; None if there is none, or if the voter has seen text
        of this one. Asks the broker, so hold no locks when calling this."""
        if one.turn.number > 1 or one.swapped_at_attempt or dispatch.has_shown_text(one):
            return None
        battle = one.turn.battle
        present = (battle.contestant_a, battle.contestant_b)
        staying = battle.contestant(Side(one.side).other)
        never = changing.never_against(battle.campaign, staying.pk)
        return live_pairs.draw_replacement(present, one.turn.prompt, never, battle.campaign)

    @retried
    def _leave(self, one: Answer, fault: Fault, substitute: Revision | None) -> bool | None:
        """False if `one` is stale; None if the substitute is now on the other side."""
        if (held := self.held(one)) is None:
            return False
        battle = held.turn.battle
        if substitute is None:
            void(battle, f"side {held.side}: {fault.reason}")
        elif substitute.contestant in (battle.contestant_a, battle.contestant_b):
            return None
        else:
            held.note(fault.reason)
            self._swap(held, substitute)
        return True

    def _swap(self, one: Answer, substitute: Revision) -> None:
        battle = one.turn.battle
        setattr(battle, f"contestant_{one.side.lower()}", substitute.contestant)
        battle.policy = f"{battle.policy.removesuffix(SWAPPED)}{SWAPPED}"
        battle.save(update_fields=["contestant_a", "contestant_b", "policy"])
        one.revision = substitute
        one.swapped_at_attempt = one.attempt
        dispatch.start(self, one)


life = AnswerLife()
