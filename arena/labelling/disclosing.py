"""Marks battles in which an answer names its model or maker, and judges their votes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet, prefetch_related_objects

from ..counting import standing
from ..counting.reasons import NAMED
from ..models import Battle, Campaign, Disclosure, Objection, Side, StandingChange, Vote
from ..naming import Names, asks, known, named
from ..plurals import counted
from .by_rules import BATCH, texts_of

FIELDS = ("by_a", "by_b", "asked")


@dataclass(frozen=True)
class Marked:
    """How many battles were found, and how many votes of them changed."""

    named: int = 0
    asked: int = 0
    left_out: int = 0
    counted: int = 0

    @property
    def told(self) -> str:
        return (
            f"{counted(self.named, 'battle')} in which an answer names its model or maker, "
            f"{self.asked} in which the voter asked. {counted(self.left_out, 'vote')} left out, "
            f"{self.counted} counted again."
        )

    def __add__(self, other: Marked) -> Marked:
        return Marked(
            self.named + other.named,
            self.asked + other.asked,
            self.left_out + other.left_out,
            self.counted + other.counted,
        )


def read(
    battle: Battle, last: Mapping[Side, str] | None = None, names: Names | None = None
) -> Disclosure:
    """What a battle's texts disclose, not stored; `last` holds the answers of its last turn where
    they are not stored yet. Slow, so hold no locks when calling this."""
    prefetch_related_objects([battle], "turns__answers")
    names = names or known()
    prompts, a, b = texts_of(battle)
    if last:
        a[-1], b[-1] = last[Side.A], last[Side.B]
    asked = [asks(prompt, names) for prompt in prompts]
    return Disclosure(
        battle=battle,
        by_a=_is_named(a, asked, names),
        by_b=_is_named(b, asked, names),
        asked=any(asked),
    )


def _is_named(answers: list[str], asked: list[bool], names: Names) -> bool:
    pairs = zip(answers, asked, strict=True)
    return any(named(text, names, asked=was_asked) for text, was_asked in pairs)


def keep(found: Disclosure) -> None:
    if found.is_empty:
        Disclosure.objects.filter(pk=found.battle_id).delete()
        return
    values = {field: getattr(found, field) for field in FIELDS}
    Disclosure.objects.update_or_create(battle_id=found.battle_id, defaults=values)


def spoils(found: Disclosure, campaign: Campaign) -> bool:
    """Whether a vote on such a battle is left out of the board."""
    return found.is_named and campaign.named_answers == Campaign.NamedAnswers.LEFT_OUT


def mark_all(campaign: Campaign, progress: Callable[[float], None]) -> Marked:
    """Read all battles with a vote again, with today's names and rules, and let their votes count
    or not by the campaign's rule. Votes whose standing a person has decided stay as they are, and
    so do those whose voter had the texts deleted. `progress` is called with the fraction done."""
    names, marked = known(), Marked()
    voted = Vote.objects.filter(battle__campaign=campaign, voter__forgotten=None)
    number, done = voted.count(), 0
    for votes in _batches(voted):
        battles = [vote.battle for vote in votes]
        prefetch_related_objects(battles, "turns__answers")
        found = [read(battle, names=names) for battle in battles]
        for one in found:
            keep(one)
        marked += _counted(found) + _judge(campaign, votes, found)
        done += len(votes)
        progress(done / number if number else 1.0)
    return marked


def _batches(voted: QuerySet[Vote]) -> Iterator[list[Vote]]:
    last = 0
    while batch := [*voted.filter(pk__gt=last).select_related("battle").order_by("pk")[:BATCH]]:
        yield batch
        last = batch[-1].pk


def _counted(found: list[Disclosure]) -> Marked:
    return Marked(sum(one.is_named for one in found), sum(one.asked for one in found))


def _judge(campaign: Campaign, votes: list[Vote], found: list[Disclosure]) -> Marked:
    spoilt = {one.battle_id for one in found if spoils(one, campaign)}
    ours = _undecided().filter(pk__in=[vote.pk for vote in votes])
    out = ours.filter(standing=Vote.Standing.COUNTED, battle__in=spoilt)
    back = ours.filter(standing=Vote.Standing.EXCLUDED, standing_reason=NAMED).exclude(
        battle__in=spoilt
    )
    return Marked(left_out=standing.exclude(out, NAMED), counted=standing.count_again(back))


def _undecided() -> QuerySet[Vote]:
    """Votes whose standing no person has decided: by an objection's answer, or in bulk."""
    in_bulk = StandingChange.objects.filter(vote=OuterRef("pk"), bulk__isnull=False)
    answered = Objection.objects.filter(Q(vote=OuterRef("pk")) & ~Q(state=Objection.State.OPEN))
    return Vote.objects.filter(~Exists(in_bulk), ~Exists(answered))
