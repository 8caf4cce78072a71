"""The life of a contestant. Whatever readers know it by changes here, with a reason that goes into
its public log: its state, and the name, organisation, access, licence and role on its card.

The state only decides who is drawn. Votes already cast count in every state, also those on battles
that are still open.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import PROTECT, ForeignObjectRel, Model, Q, QuerySet
from django.db.models.base import ModelBase

from ..errors import Code, Refused
from ..matchmaking import resting, soundness
from ..models import Chat, Contestant, ImportedVote, RegistryEvent, Reply, Revision
from ..models.chats import kept_for_voters
from ..probing import gate
from ..transactions import retried

KEEPING = (PROTECT, kept_for_voters)
# No part of a contestant's: in these staff tried it.
TRIALS: dict[type[Model], Q] = {
    Chat: Q(staff__isnull=False),
    Reply: Q(turn__chat__staff__isnull=False),
}
Staff = AbstractBaseUser | AnonymousUser  # as requests have it
State, What = Contestant.State, RegistryEvent.What
ON_CARD = (What.NAME, What.ORGANISATION, What.ACCESS, What.LICENCE, What.STAND_IN)
DESPITE = "Despite faults that its probe found: "
MOST = RegistryEvent._meta.get_field("reason").max_length or 0


def change_state(
    contestants: Iterable[Contestant],
    state: str,
    reason: str,
    by: Staff | None = None,
    *,
    anyway: bool = False,
    only: Collection[str] = State.values,
) -> list[Contestant]:
    """Set the state of these contestants, and return those that did not have it. Every activation
    passes here. `by` is None if the arena does it by itself. `only`: those in one of these states,
    which another may have changed since the caller looked.

    Raises Refused, with one sentence per contestant, if one cannot be activated and it is not to be
    done `anyway`; then nothing has changed.
    """
    chosen = Contestant.objects.filter(pk__in=[each.pk for each in contestants], state__in=only)
    changed = _set_state(chosen, state, checked(reason), by, anyway)
    resting.end(*Revision.objects.filter(contestant__in=changed))
    return changed


@retried
def _set_state(
    chosen: QuerySet[Contestant], state: str, reason: str, by: Staff | None, anyway: bool
) -> list[Contestant]:
    held = chosen.order_by("pk").select_for_update(no_key=True)
    changed = [one for one in held if one.state != state]
    if state == State.ACTIVE and not anyway and (why := [*against_activation(changed)]):
        raise Refused(" ".join(why), code=Code.NOT_READY)
    for one in changed:
        said = _despite(one, reason) if state == State.ACTIVE else reason
        _log(one, What.STATE, one.state, state, said, automatic=by is None)
        one.state = state
    Contestant.objects.filter(pk__in=[one.pk for one in changed]).update(state=state)
    _note(changed, by, f"{State(state).label}: {reason}")
    return changed


def against_activation(contestants: Sequence[Contestant]) -> Iterator[str]:
    """What speaks against activating these, as sentences. What may pass by itself, such as a worker
    that is not running, does not."""
    ours = Revision.objects.filter(contestant__in=contestants, number__gt=0)
    newest = {each.contestant_id: each for each in ours.newest()}
    for one in contestants:
        revision = newest.get(one.pk)
        if revision is None:
            yield f"{one} has no revision that says how to run it. Add one first."
        elif why := _fault(one, revision):
            yield f"{one}: {why}"


def _fault(one: Contestant, revision: Revision) -> str:
    told = soundness.of_values(revision) or soundness.of_format(revision)
    return told or gate.objection(one)


def _despite(one: Contestant, reason: str) -> str:
    """The reason for an activation; readers learn that it overrides what a probe found."""
    return f"{DESPITE}{reason}"[:MOST] if gate.objection(one) else reason


def enter(contestant: Contestant, state: str, reason: str, by: Staff | None = None) -> None:
    """Begin the log of a new contestant, a draft, and give it its first state. Raises Refused if it
    cannot be activated; then it is still a draft."""
    _log(contestant, What.STATE, "", State.DRAFT, checked(reason))
    if state != State.DRAFT:
        change_state([contestant], state, reason, by)


def note_card(contestant: Contestant, before: Mapping[str, str], reason: str) -> list[str]:
    """Log what has changed on its card since `before`, and return the names of that. Raises Refused
    if something has and no reason is given."""
    changed = [what for what in ON_CARD if before[what] != getattr(contestant, what)]
    for what in changed:
        _log(contestant, what, before[what], getattr(contestant, what), checked(reason))
    return [str(what.label) for what in changed]


def card(contestant: Contestant) -> dict[str, str]:
    """What a change of is logged, for `note_card`."""
    return {what: getattr(contestant, what) for what in ON_CARD}


def checked(reason: str) -> str:
    reason = " ".join(reason.split())
    if not reason:
        raise Refused("Say why: the reason goes into the public log.", code=Code.NO_REASON)
    return reason[:MOST]


def parts_taken(contestant: Contestant) -> list[str]:
    """What it took part in, such as ["battles", "tallies"]. Only what never took part in anything
    may be deleted: the records of others would have a hole."""
    found = {*_protected(Contestant.objects.filter(pk=contestant.pk))}
    return sorted(found | {*_protected(contestant.revisions.all())})


def _protected(rows: QuerySet[Contestant] | QuerySet[Revision]) -> Iterator[str]:
    """What refers to any of the rows and would keep the database from deleting them."""
    for relation in rows.model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ForeignObjectRel) or relation.on_delete not in KEEPING:
            continue
        other = relation.related_model
        # Imported votes have no index for this, and are counted in tallies.
        if other is ImportedVote or not isinstance(other, ModelBase):
            continue
        found = other._default_manager.filter(**{f"{relation.field.name}__in": rows})
        if found.exclude(TRIALS.get(other, Q(pk=None))).exists():
            yield str(other._meta.verbose_name_plural)


def _log(
    one: Contestant, what: str, old: str, new: str, reason: str, *, automatic: bool = False
) -> None:
    RegistryEvent.objects.create(
        contestant=one, what=what, old=old, new=new, reason=reason, automatic=automatic
    )


def _note(changed: Sequence[Contestant], by: Staff | None, said: str) -> None:
    """For the admin's own history, which names who did it. The public log does not."""
    if by is not None and by.pk is not None and changed:
        rows = Contestant.objects.filter(pk__in=[each.pk for each in changed])
        LogEntry.objects.log_actions(by.pk, rows, CHANGE, change_message=said)
