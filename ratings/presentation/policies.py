"""Matchmaking policies in the words of readers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.utils.translation import gettext as _

from arena.matchmaking import changing
from arena.matchmaking.policies import Rules
from arena.models import Campaign, Contestant, MatchmakingPolicy
from arena.plurals import counted, local, percent

Names = Mapping[int, str]
NONE = "—"


@dataclass(frozen=True)
class Told:
    """A policy. `changes`: what differs from the one before, old and new; of the first, all."""

    label: str
    number: int
    since: datetime
    reason: str
    changes: Sequence[tuple[str, str, str]]
    by: str  # for staff only


def told(campaign: Campaign) -> list[Told]:
    """All policies of a campaign, newest first."""
    policies = changing.history(campaign)[::-1]
    keys = changing.named(policies)
    names = dict(Contestant.objects.filter(pk__in=keys).values_list("pk", "name"))
    traits = [traits_of(changing.rules_of(each), names) for each in policies]
    changes = [tuple((name, "", new) for name, new in traits[0].items())]
    changes += [tuple(_differing(old, new)) for old, new in pairwise(traits)]
    found = [_told(each, what) for each, what in zip(policies, changes, strict=True)]
    return found[::-1]


def at(campaign: Campaign, moment: datetime) -> Told:
    """The policy that held at a moment, with all that it says."""
    before = (each for each in changing.history(campaign) if each.created <= moment)
    policy = next(before, None) or changing.first_of(campaign)
    names = Contestant.objects.filter(pk__in=changing.named([policy])).values_list("pk", "name")
    traits = traits_of(changing.rules_of(policy), dict(names))
    return _told(policy, [(name, "", said) for name, said in traits.items() if said != NONE])


def _told(policy: MatchmakingPolicy, changes: Sequence[tuple[str, str, str]]) -> Told:
    is_first = policy.number == 1
    reason = _("Every campaign of its kind begins with this policy.") if is_first else policy.reason
    by = str(policy.by) if policy.by_id else ""
    return Told(policy.label, policy.number, policy.created, reason, changes, by)


def _differing(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for name, value in new.items():
        if old[name] != value:
            yield name, old[name], value


def traits_of(rules: Rules, names: Names) -> dict[str, str]:
    return {
        _("strategy"): _strategy(rules.strategy),
        _("boost"): _boost(rules),
        _("factors"): _factors(rules, names),
        _("never meet"): _never(rules, names),
        _("floor"): percent(f"{100 * rules.floor:g}"),
    }


def _strategy(name: str) -> str:
    known = {"active": _("active: the most informative pairs more often"), "uniform": _("uniform")}
    return known.get(name, name)


def _boost(rules: Rules) -> str:
    if rules.boost == 1 or not rules.boost_until:
        return NONE
    said = _("×%(boost)s with fewer than %(votes)s")
    return said % {"boost": local(f"{rules.boost:g}"), "votes": counted(rules.boost_until, "vote")}


def _factors(rules: Rules, names: Names) -> str:
    known = ((names[key], factor) for key, factor in rules.weights.items() if key in names)
    return ", ".join(f"{name} ×{local(f'{factor:g}')}" for name, factor in sorted(known)) or NONE


def _never(rules: Rules, names: Names) -> str:
    pairs = (sorted(names[key] for key in pair if key in names) for pair in rules.excluded)
    return ", ".join(sorted(" – ".join(pair) for pair in pairs if len(pair) == 2)) or NONE
