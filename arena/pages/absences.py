"""Active models that cannot answer at the moment, and why. Everyone sees how many there are, but
only staff see the names, since these would narrow down which models a voter may be seeing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext as _

from inference.contract.cards import cards_of

from .. import broker
from ..models import Contestant, Revision


@dataclass(frozen=True)
class Absence:
    contestant: Contestant
    reason: str


def absences(served: Collection[str], able: Collection[Revision]) -> list[Absence]:
    """`served` are the services of live workers; `able` are the revisions that can be drawn."""
    here = {revision.contestant_id for revision in able}
    active = Contestant.objects.filter(state=Contestant.State.ACTIVE).exclude(pk__in=here)
    newest = Revision.objects.filter(contestant__in=active).newest()
    revisions = {each.contestant_id: each for each in newest}
    errors = _errors(revisions.values())
    return [
        Absence(contestant, _reason(revisions.get(contestant.pk), served, errors))
        for contestant in active.order_by("name")
    ]


def _errors(revisions: Collection[Revision]) -> dict[str, str]:
    """The errors that workers have found in weights."""
    weights = [each.weights for each in revisions if each.weights]
    return {name: card.error for name, card in cards_of(broker.connection(), weights).items()}


def _reason(revision: Revision | None, served: Collection[str], errors: dict[str, str]) -> str:
    if revision is None:
        return _("It has no revision that says how to run it.")
    if revision.service in served:
        return _("It has used up today’s tokens or dollars.")
    if error := errors.get(revision.weights):
        return error
    if not revision.is_remote:
        return _("No running worker has %(file)s.") % {"file": f"{revision.weights}.gguf"}
    if revision.key_variable:
        return _("No running worker with --remote has the key %(key)s.") % {
            "key": revision.key_variable
        }
    return _("No worker runs with --remote.")
