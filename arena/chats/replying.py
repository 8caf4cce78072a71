"""The replies of a chat. Its models are named, so a failure is told and nobody is swapped in."""

from __future__ import annotations

from django.utils.translation import gettext as _

from inference.contract.endings import FinishReason
from inference.contract.streams import all_entries, waited_s

from .. import broker
from ..battles import answering, watching
from ..generating import dispatch
from ..generating.endings import explanation
from ..generating.life import Fault, Life, Policy
from ..limits import WATCHDOG
from ..models import Reply, Side
from ..models.generated import Generated
from ..showing.turn import Pane
from ..transactions import retried


class ReplyLife(Life[Reply]):
    model = Reply
    needs = ("revision__contestant", "turn__chat")
    task = "arena.record_reply"

    @property
    def policy(self) -> Policy:
        return answering.life.policy

    def lock(self, pk: int) -> None:
        Reply.objects.select_for_update(no_key=True).get(pk=pk)

    def messages(self, one: Reply) -> list[dict[str, str]]:
        before = Reply.objects.filter(
            turn__chat=one.turn.chat_id, turn__number__lt=one.turn.number, side=one.side
        )
        said = before.order_by("turn__number").values_list("turn__prompt", "text")
        return dispatch.talk(one.revision.system_prompt, said, one.turn.prompt)

    def voter_of(self, one: Reply) -> int | None:
        return one.turn.chat.voter_id

    @retried
    def give_up(self, one: Reply, fault: Fault) -> bool:
        if (held := self.held(one)) is None:
            return False
        held.state = Generated.State.FAILED
        held.note(fault.reason)
        held.save(update_fields=["state", "error"])
        return True

    def abandoned(self, one: Reply) -> bool:
        waited = waited_s(broker.connection(), str(one.stream))
        is_old = waited is not None and waited > WATCHDOG.absent_s
        if not is_old or watching.is_watched(one.turn.chat):
            return False
        return stop(one, FinishReason.ABANDONED)


life = ReplyLife()


def stop(one: Reply, why: FinishReason = FinishReason.CANCELLED) -> bool:
    """End a reply at the words that have arrived. False if it had ended."""
    text = written(one)  # before any lock is taken: the broker may be slow
    if is_stopped := _stop(one, text, why):
        dispatch.cancel(one.stream)
    return is_stopped


@retried
def _stop(one: Reply, text: str, why: FinishReason) -> bool:
    if (held := life.held(one)) is None:
        return False
    held.state = Generated.State.DONE if text.strip() else Generated.State.FAILED
    held.text, held.finish_reason = text, why
    held.save(update_fields=["state", "text", "finish_reason"])
    return True


def ending(one: Reply) -> str:
    """What its reader is told below it; "" if it is complete or still being written."""
    if one.state == Generated.State.FAILED:
        return (
            _("Stopped before the first word.") if one.finish_reason else _("It could not reply.")
        )
    return explanation(one)


def written(one: Reply) -> str:
    """What its current attempt has written by now."""
    pane = Pane(Side(one.side), one.attempt)
    for entry in all_entries(broker.connection(), str(one.stream)):
        if entry.attempt == one.attempt:
            pane.absorb(entry)
    return pane.words.text
