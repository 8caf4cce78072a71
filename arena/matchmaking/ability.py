"""Whether a contestant can answer now, and if not, why: for one, for a list, or for a draw.

Pages ask `of`, which explains. A draw asks `in_service`, which says the same without reasons, in
sets prepared for a thousand contestants; `tests/arena/matchmaking/test_ability.py` compares them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from inference.contract.cards import cards_of
from inference.contract.presence import Heartbeat, last_seen, live_workers
from inference.contract.spending import exhausted, spent_by

from .. import broker
from ..models import Contestant, RegistryEvent, Revision
from . import lineup, resting, soundness
from .lineup import Lineup, keyed_by
from .waiting import slots_of

State = Contestant.State


class Why(Enum):
    """A reason, with the words for it in a list. An earlier one is told first."""

    DRAFT = "draft"
    HIDDEN = "hidden"
    PAUSED = "paused"
    PAUSED_BY_ARENA = "paused by the arena"
    RETIRED = "retired"
    NO_REVISION = "no revision"
    SETTINGS = "settings fail"
    FORMAT = "prompt format fails"
    BROKEN_WEIGHTS = "weights broken"
    WORKER_GONE = "worker gone"
    NO_WEIGHTS = "weights missing"
    NO_KEY = "key missing"
    NO_REMOTE = "no remote worker"
    KEY_ELSEWHERE = "key not for this host"
    CAP = "cap used up"
    RESTING = "paused after failures"

    @property
    def is_state(self) -> bool:
        """Whether it is a state that is not drawn."""
        return self is Why.PAUSED_BY_ARENA or self.name in State.names


SENTENCES = {
    Why.DRAFT: _("It is a draft: not drawn yet."),
    Why.HIDDEN: _("It is hidden: it has votes from elsewhere, and is not drawn here."),
    Why.PAUSED: _("It is paused: %(error)s"),
    Why.PAUSED_BY_ARENA: _("It is paused: %(error)s Activate it again when that is mended."),
    Why.RETIRED: _("It is retired: its votes count, and it is not drawn any more."),
    Why.NO_REVISION: _("It has no revision that says how to run it."),
    Why.SETTINGS: "%(error)s",
    Why.FORMAT: "%(error)s",
    Why.BROKEN_WEIGHTS: "%(error)s",
    Why.WORKER_GONE: _("The worker %(worker)s, which served it, was last heard from %(ago)s ago."),
    Why.NO_WEIGHTS: _("No running worker has %(file)s."),
    Why.NO_KEY: _("No running worker with --remote has the key %(key)s."),
    Why.NO_REMOTE: _("No worker runs with --remote."),
    Why.KEY_ELSEWHERE: "%(error)s",
    Why.CAP: _("It has used up today’s tokens or dollars."),
    Why.RESTING: _("It failed several times in a row and is paused until %(until)s UTC: %(error)s"),
}


@dataclass(frozen=True)
class Reason:
    why: Why
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """For staff only: it may name files, keys and addresses."""
        template = SENTENCES[self.why]
        return (gettext(template) if template != "%(error)s" else template) % self.facts


@dataclass(frozen=True)
class Ability:
    """Whether a contestant can answer now. The first reason is the one to tell."""

    contestant: Contestant
    revision: Revision | None
    reasons: tuple[Reason, ...]

    @property
    def is_able(self) -> bool:
        return not self.reasons

    @property
    def is_ready(self) -> bool:
        """Whether it could answer if it were active."""
        return all(reason.why.is_state for reason in self.reasons)

    @property
    def is_resting(self) -> bool:
        """Whether it rests, and nothing else is wrong."""
        return [reason.why for reason in self.reasons] == [Why.RESTING]

    @property
    def is_of_concern(self) -> bool:
        """Whether staff should look at it: no member of staff wanted it so."""
        first = self.reasons[0].why if self.reasons else None
        return first is not None and (first is Why.PAUSED_BY_ARENA or not first.is_state)

    @property
    def word(self) -> str:
        return self.reasons[0].why.value if self.reasons else "able"

    @property
    def sentence(self) -> str:
        """All reasons; "" if it is able."""
        return " ".join(reason.sentence for reason in self.reasons)


def of(contestants: Iterable[Contestant]) -> list[Ability]:
    """The ability of each. However many they are, the database and the broker are asked a few
    times. Raises RedisError if the broker is away."""
    chosen = list(contestants)
    newest = {each.contestant_id: each for each in _newest(chosen)}
    look, pauses = Look(newest.values()), _pauses(chosen)

    def ability(one: Contestant) -> Ability:
        revision = newest.get(one.pk)
        return Ability(one, revision, (*_by_state(one, pauses), *look.at(revision)))

    return [ability(one) for one in chosen]


def of_active() -> list[Ability]:
    """The ability of every active contestant, by name."""
    return of(Contestant.objects.filter(state=State.ACTIVE).order_by("name"))


def of_concern() -> list[Ability]:
    """What staff should look at: active contestants that cannot answer, and those that the arena
    has paused by itself, by name."""
    states = [State.ACTIVE, State.PAUSED]
    found = of(Contestant.objects.filter(state__in=states).order_by("name"))
    return [each for each in found if each.is_of_concern]


def in_service(workers: Sequence[Heartbeat]) -> list[Revision]:
    """The newest revisions of the active contestants that can answer, also if they rest: these are
    drawn when fewer than two others can."""
    known, slots = lineup.now(), slots_of(workers)
    out = _too_dear([one for one in known.capped if one.service in slots])
    out |= _without_format(known, workers) | _kept_from_host(known, workers)
    served = known.served_by(slots)
    return [revision for revision in served if revision.pk not in out] if out else served


class Look:
    """What workers, cards, meters and rests say about some revisions, asked once for all."""

    def __init__(self, revisions: Collection[Revision]) -> None:
        connection = broker.connection()
        self.workers = live_workers(connection)
        self.slots = slots_of(self.workers)
        self._bare = _bare(self.workers)
        self._dear = _too_dear([one for one in revisions if one.is_capped])
        self._rests = {rest.revision.pk: rest for rest in resting.among([*revisions])}
        unserved = [one for one in revisions if one.service not in self.slots]
        self._cards = cards_of(connection, [one.weights for one in unserved if one.weights])
        self._seen = last_seen(connection) if unserved else {}

    def at(self, revision: Revision | None) -> Iterator[Reason]:
        """Every reason why `revision` cannot answer."""
        if revision is None:
            yield Reason(Why.NO_REVISION)
            return
        yield from self._of_settings(revision)
        if revision.service not in self.slots:
            yield self._unserved(revision)
        elif (key := keyed_by(revision)) and (said := soundness.of_key(*key, self.workers)):
            yield Reason(Why.KEY_ELSEWHERE, {"error": said})
        if revision.pk in self._dear:
            yield Reason(Why.CAP)
        if rest := self._rests.get(revision.pk):
            yield Reason(Why.RESTING, {"until": f"{rest.until:%H:%M}", "error": rest.reason})

    def _of_settings(self, revision: Revision) -> Iterator[Reason]:
        if said := soundness.of_values(revision):
            yield Reason(Why.SETTINGS, {"error": said})
        if said := soundness.of_format(revision) or soundness.of_weights(revision, self._bare):
            yield Reason(Why.FORMAT, {"error": said})

    def _unserved(self, revision: Revision) -> Reason:
        card = self._cards.get(revision.weights)
        if not revision.is_remote and card and card.error:
            return Reason(Why.BROKEN_WEIGHTS, {"error": card.error})
        if sighting := self._seen.get(revision.service):
            since = timezone.now() - timedelta(seconds=max(60, sighting.ago_s))
            return Reason(Why.WORKER_GONE, {"worker": sighting.worker, "ago": timesince(since)})
        if not revision.is_remote:
            return Reason(Why.NO_WEIGHTS, {"file": f"{revision.weights}.gguf"})
        if revision.key_variable:
            return Reason(Why.NO_KEY, {"key": revision.key_variable})
        return Reason(Why.NO_REMOTE)


def _newest(contestants: Collection[Contestant]) -> Iterator[Revision]:
    """The newest revision of each, with its contestant; those made elsewhere have number 0."""
    by_pk = {each.pk: each for each in contestants}
    for revision in Revision.objects.filter(contestant__in=by_pk, number__gt=0).newest():
        revision.contestant = by_pk[revision.contestant_id]
        yield revision


def _pauses(contestants: Collection[Contestant]) -> dict[int, Reason]:
    """Why each paused one was paused."""
    paused = [each.pk for each in contestants if each.state == State.PAUSED]
    what = RegistryEvent.What.STATE
    events = RegistryEvent.objects.filter(contestant__in=paused, what=what, new=State.PAUSED)
    newest = events.order_by("contestant_id", "-pk").distinct("contestant_id") if paused else []
    return {
        event.contestant_id: Reason(
            Why.PAUSED_BY_ARENA if event.automatic else Why.PAUSED, {"error": event.reason}
        )
        for event in newest
    }


def _by_state(contestant: Contestant, pauses: Mapping[int, Reason]) -> Iterator[Reason]:
    if contestant.state == State.PAUSED:
        yield pauses.get(contestant.pk, Reason(Why.PAUSED, {"error": ""}))
    elif contestant.state != State.ACTIVE:
        yield Reason(Why[contestant.state])


def _too_dear(capped: Sequence[Revision]) -> set[int]:
    """Primary keys of the revisions that have reached their daily cap on tokens or money."""
    known = [(revision, endpoint) for revision in capped if (endpoint := revision.endpoint)]
    spent = spent_by(broker.connection(), [endpoint.meter for _, endpoint in known])
    return {
        revision.pk
        for (revision, endpoint), sums in zip(known, spent, strict=True)
        if exhausted(sums, endpoint.daily_tokens, endpoint.daily_usd)
    }


def _bare(workers: Iterable[Heartbeat]) -> set[str]:
    return {name for worker in workers for name in worker.bare}


def _without_format(known: Lineup, workers: Sequence[Heartbeat]) -> set[int]:
    """Those that need a prompt format and have none."""
    bare = _bare(workers)
    found = known.served_by(bare) if bare else []
    return {one.pk for one in found if soundness.of_weights(one, bare)}


def _kept_from_host(known: Lineup, workers: Sequence[Heartbeat]) -> set[int]:
    """Those whose key no worker sends to their address."""
    barred = [ones for key, ones in known.keyed.items() if soundness.of_key(*key, workers)]
    return {one.pk for ones in barred for one in ones}
