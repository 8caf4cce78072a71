"""The policy of a campaign: which one holds, and how a new one takes its place."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from ..errors import Code, Refused
from ..models import Campaign, MatchmakingPolicy
from ..transactions import retried
from .policies import Rules

MOST = MatchmakingPolicy._meta.get_field("reason").max_length or 0
FROM_THE_START = "Every campaign of its kind begins with this policy."
STRATEGY = {Campaign.Kind.PREPARED: "uniform"}  # of the first policy, unless it is the usual one
FIELDS = ("strategy", "boost", "boost_until", "weights", "excluded", "floor")


def first_of(campaign: Campaign) -> MatchmakingPolicy:
    """What holds until staff choose something else. It is not stored before they do."""
    return MatchmakingPolicy(
        campaign=campaign,
        number=1,
        strategy=STRATEGY.get(Campaign.Kind(campaign.kind), Rules.strategy),
        reason=FROM_THE_START,
        created=campaign.created,
    )


def current(campaign: Campaign) -> MatchmakingPolicy:
    newest = campaign.matchmaking.select_related("by").order_by("-number").first()
    return newest or first_of(campaign)


def history(campaign: Campaign) -> list[MatchmakingPolicy]:
    """Newest first."""
    return [*campaign.matchmaking.select_related("by").order_by("-number")] or [first_of(campaign)]


def rules_of(policy: MatchmakingPolicy) -> Rules:
    return Rules(
        strategy=policy.strategy,
        boost=policy.boost,
        boost_until=policy.boost_until,
        weights={int(key): float(factor) for key, factor in policy.weights.items()},
        excluded=frozenset(frozenset(pair) for pair in policy.excluded),
        floor=policy.floor,
    )


def never_against(campaign: Campaign, contestant: int) -> set[int]:
    """The contestants that never meet this one in the campaign."""
    excluded = rules_of(current(campaign)).excluded
    return {key for pair in excluded if contestant in pair for key in pair - {contestant}}


def change(
    campaign: Campaign,
    rules: Rules,
    reason: str,
    by: AbstractBaseUser | AnonymousUser | None = None,
) -> MatchmakingPolicy:
    """Let `rules` hold from now on. Raises Refused without a reason, or if they hold already."""
    reason = " ".join(reason.split())[:MOST]
    if not reason:
        raise Refused("Say why: the reason is published with the change.", code=Code.NO_REASON)
    return _change(campaign, rules, reason, by.pk if by is not None else None)


@retried
def _change(campaign: Campaign, rules: Rules, reason: str, by: int | None) -> MatchmakingPolicy:
    # Locks the campaign: two members of staff could otherwise save the same number.
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    last = current(campaign)
    if rules_of(last) == rules:
        raise Refused("This is what holds already: nothing was changed.", code=Code.UNCHANGED)
    if last.pk is None:
        last.save()
        MatchmakingPolicy.objects.filter(pk=last.pk).update(created=campaign.created)
    return MatchmakingPolicy.objects.create(
        campaign=campaign, number=last.number + 1, reason=reason, by_id=by, **stored(rules)
    )


def stored(rules: Rules) -> dict[str, object]:
    """As the fields of a policy have it, in one order, so that equal rules are stored alike."""
    return {
        "strategy": rules.strategy,
        "boost": rules.boost,
        "boost_until": rules.boost_until,
        "weights": {str(key): rules.weights[key] for key in sorted(rules.weights)},
        "excluded": sorted(sorted(pair) for pair in rules.excluded),
        "floor": rules.floor,
    }


def named(policies: Iterable[MatchmakingPolicy]) -> set[int]:
    """The primary keys of all contestants that the policies speak of."""
    found: set[int] = set()
    for each in map(rules_of, policies):
        found |= {*each.weights, *(key for pair in each.excluded for key in pair)}
    return found
