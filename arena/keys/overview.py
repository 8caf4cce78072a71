"""Every key that is kept, held or asked for: where it goes, who has it, who needs it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from inference.contract import keys
from inference.contract.presence import Heartbeat, live_workers
from inference.contract.requests import Endpoint, key_service
from inference.contract.spending import Spent, exhausted, spent_by

from .. import broker
from ..models import ApiKey, Contestant, Revision
from . import stored

State = Contestant.State


@dataclass(frozen=True)
class Use:
    """A contestant whose newest revision names the key, and what it has cost today."""

    contestant: Contestant
    spent: Spent
    end: Endpoint

    @property
    def is_over(self) -> bool:
        return bool(exhausted(self.spent, self.end.daily_tokens, self.end.daily_usd))

    @property
    def cost(self) -> str:
        """Such as "$0.42 of $5.00, 1,200 tokens"."""
        usd, tokens = self.end.daily_usd, self.end.daily_tokens
        return (
            f"${self.spent.usd:,.2f}{'' if usd is None else f' of ${usd:,.2f}'}, "
            f"{self.spent.tokens:,}{'' if tokens is None else f' of {tokens:,}'} tokens"
        )


@dataclass(frozen=True)
class Line:
    name: str
    kept: ApiKey | None  # in the database
    is_readable: bool
    own: Sequence[Heartbeat]  # workers with it in their environment
    sent: Sequence[Heartbeat]  # workers that have got it from the database
    uses: Sequence[Use]

    @property
    def hosts(self) -> list[str]:
        """Where it goes, sorted; by its provider's if nobody holds it."""
        beats = {host for beat in self.own for host in beat.key_hosts.get(self.name, ())}
        known = {*self.kept.hosts, *beats} if self.kept else beats
        return sorted(known or keys.PROVIDERS.get(self.name, ()))

    @property
    def is_missing(self) -> bool:
        """Whether contestants name it and nobody has it."""
        return not (self.kept or self.own or self.sent)

    @property
    def stopping(self) -> list[Contestant]:
        """The active contestants that could not go on without what the database has."""
        active = [use.contestant for use in self.uses if use.contestant.state == State.ACTIVE]
        return [] if self.own else active

    @property
    def spent(self) -> Spent:
        return Spent(
            sum(use.spent.tokens for use in self.uses), sum(use.spent.usd for use in self.uses)
        )


@dataclass(frozen=True)
class Overview:
    lines: Sequence[Line]
    askers: int  # workers that may ask APIs
    complaints: Sequence[tuple[str, str]]  # workers that cannot open what is sent, and why


def look() -> Overview:
    """Raises RedisError if the broker is away."""
    beats = live_workers(broker.connection())
    kept = {key.name: key for key in ApiKey.objects.select_related("changed_by")}
    uses = _uses()
    names = {*kept, *uses, *(name for beat in beats for name in beat.key_hosts)}
    return Overview(
        [_line(name, kept.get(name), beats, uses.get(name, [])) for name in sorted(names)],
        sum(key_service("") in beat.serves for beat in beats),
        [(beat.worker, beat.unsealed) for beat in beats if beat.unsealed],
    )


def line_of(key: ApiKey) -> Line:
    """Raises RedisError if the broker is away."""
    uses = _uses().get(key.name, [])
    return _line(key.name, key, live_workers(broker.connection()), uses)


def _line(name: str, kept: ApiKey | None, beats: Iterable[Heartbeat], uses: Sequence[Use]) -> Line:
    holding = [beat for beat in beats if name in beat.key_hosts]
    return Line(
        name,
        kept,
        is_readable=kept is None or stored.is_readable(kept),
        own=[beat for beat in holding if name not in beat.sent_keys],
        sent=[beat for beat in holding if name in beat.sent_keys],
        uses=uses,
    )


def _uses() -> dict[str, list[Use]]:
    """By the name of the key: every contestant that is not retired."""
    newest = Revision.objects.exclude(contestant__state=State.RETIRED).filter(number__gt=0).newest()
    remote = [(one, end) for one in newest.select_related("contestant") if (end := one.endpoint)]
    named = [(one.contestant, end) for one, end in remote if end.key_variable]
    spent = spent_by(broker.connection(), [end.meter for _, end in named])
    found: dict[str, list[Use]] = defaultdict(list)
    for (contestant, end), sums in zip(named, spent, strict=True):
        found[end.key_variable].append(Use(contestant, sums, end))
    return {name: sorted(each, key=lambda use: use.contestant.name) for name, each in found.items()}
