"""Which two prepared answers a voter compares next, and their selection probability.

Usually the campaign's policy draws a pair of contestants, of those that this voter has still to
judge on a prompt, and chance one of these prompts. Some pairs of answers are shown to several
voters, to measure how far they agree. A campaign may have a first pair, with which every voter
begins.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.translation import gettext

from ..errors import Code, Refused
from ..models import Battle, Campaign, Judgement, Pairing, PreparedAnswer, Voter
from . import changing
from .answered import Answered, newest, prompts_of, ready
from .known_texts import Pairs, has_known, known_to, spoilt_pairs
from .odds import Odds
from .strategies import Weights
from .weighing import odds_of

AGAIN = "/again"  # after the policy of its first draw
FIRST = "prepared-1/first"  # chosen by staff, not drawn
ABANDONED = timedelta(minutes=30)  # older open battles no longer count as awaiting a vote

_chance = random.SystemRandom()


@dataclass(frozen=True)
class Drawn:
    """A pairing, and the probability with which its two contestants were drawn; for a repeated
    pairing, that of its first draw, as its policy."""

    pairing: Pairing
    probability: float
    policy: str


@dataclass(frozen=True, eq=False)
class Left:
    """What a voter has still to judge.

    Attributes:
        contestants: (n,) their primary keys.
        prompts: (n (n - 1) / 2,) prompts on which each pair is left; 0 where the policy lets it
            never meet.
        odds: by the policy, among the pairs that are left.
        is_rest: whether anybody could ever judge a pair.
    """

    contestants: tuple[int, ...]
    prompts: Weights
    odds: Odds
    policy: str
    is_rest: bool

    @property
    def pairs(self) -> int:
        """Of answers."""
        return int(self.prompts.sum())


def draw(campaign: Campaign, voter: Voter) -> Drawn:
    """Draw the voter's next pairing. Raises Refused if the voter has judged them all."""
    first = campaign.first_pair
    if first is not None and not first.judgements.filter(battle__voter=voter).exists():
        return Drawn(first, 1.0, FIRST)
    gone = gone_for(voter, campaign)
    again = shared(campaign, voter, gone)
    if again is not None:
        return Drawn(again, again.selection_probability, first_policy(again) + AGAIN)
    return fresh(campaign, voter, gone)


def shared(campaign: Campaign, voter: Voter, gone: Pairs) -> Pairing | None:
    """The oldest pairing that needs more judgements and that this voter can judge, of contestants
    that may meet."""
    waited_for = Q(judgements__battle__state=Battle.State.OPEN) & Q(
        judgements__battle__created__gt=timezone.now() - ABANDONED
    )
    counts = Q(judgements__battle__state=Battle.State.VOTED) | waited_for
    unfinished = Pairing.objects.filter(prompt__campaign=campaign, wanted__gt=1)
    others = unfinished.exclude(judgements__battle__voter=voter).exclude(never_meet(campaign))
    blind = others.exclude(has_known(voter))
    judged = blind.annotate(judged=Count("judgements", filter=counts))
    wanting = judged.filter(judged__lt=F("wanted")).order_by("pk")
    sides = (f"{side}__revision__contestant" for side in ("first", "second"))
    for pairing, prompt, *pair in wanting.values_list("pk", "prompt", *sides).iterator():
        if (frozenset(pair), prompt) not in gone:  # perhaps with other texts of the same two
            return Pairing.objects.get(pk=pairing)
    return None


def never_meet(campaign: Campaign) -> Q:
    """Pairings that the policy excludes by now."""
    found = Q(pk=None)
    for pair in changing.rules_of(changing.current(campaign)).excluded:
        both = {f"{side}__revision__contestant__in": pair for side in ("first", "second")}
        found |= Q(**both)
    return found


def first_policy(pairing: Pairing) -> str:
    """The policy that drew it first."""
    battles = Battle.objects.filter(judgement__pairing=pairing).order_by("pk")
    policy = battles.values_list("policy", flat=True).first() or ""
    return policy.removesuffix(AGAIN)


def gone_for(voter: Voter, campaign: Campaign) -> Pairs:
    """Of the pairs that can be drawn, those that this voter has been shown, or would not judge
    blindly."""
    return _seen_by(voter, campaign) | spoilt_pairs(campaign, voter)


def _seen_by(voter: Voter, campaign: Campaign) -> Pairs:
    """Answers that newer ones have replaced are not among them."""
    judged = Judgement.objects.filter(battle__voter=voter, battle__campaign=campaign)
    of_these = ready(campaign).filter(prompt__in=judged.values("pairing__prompt"))
    newest_ones = newest(of_these).values("pk")
    current = judged.filter(pairing__first__in=newest_ones, pairing__second__in=newest_ones)
    contestants = (f"pairing__{side}__revision__contestant_id" for side in ("first", "second"))
    rows = current.values_list("pairing__prompt_id", *contestants)
    return {(frozenset(pair), prompt) for prompt, *pair in rows}


def left_of(campaign: Campaign, gone: Pairs) -> Left:
    answered = Answered.of(campaign)
    by_policy = odds_of(campaign, answered.contestants)
    may_meet = by_policy.odds.weights > 0
    prompts = answered.left([pair for pair, _prompt in gone]) * may_meet
    weights = np.where(prompts > 0, by_policy.odds.weights, 0.0)
    odds = Odds.of(len(answered.contestants), weights)
    is_rest = bool((answered.pairs() * may_meet).any())
    return Left(answered.contestants, prompts, odds, by_policy.policy, is_rest)


def fresh(campaign: Campaign, voter: Voter, gone: Pairs) -> Drawn:
    """A pair drawn by the policy from all that this voter can still judge. Raises Refused if none
    is left."""
    left = left_of(campaign, gone)
    if left.odds.is_empty:
        raise nothing_left(left.is_rest)
    one, other, probability = left.odds.draw(_chance.random())
    pair = (left.contestants[one], left.contestants[other])
    done = {prompt for both, prompt in gone if both == frozenset(pair)}
    prompt = _chance.choice([each for each in prompts_of(campaign, *pair) if each not in done])
    first, second = sorted(
        (text_of(campaign, voter, prompt, contestant) for contestant in pair), key=by_pk
    )
    pairing = pairing_of(campaign, first, second, probability)
    return Drawn(pairing, probability, left.policy)


def text_of(campaign: Campaign, voter: Voter, prompt: int, contestant: int) -> PreparedAnswer:
    """One of a contestant's texts on a prompt, each as likely, but none that the voter knows."""
    texts = newest(ready(campaign).filter(prompt=prompt, revision__contestant=contestant))
    return _chance.choice([*texts.exclude(pk__in=known_to(voter).values("pk"))])


def by_pk(answer: PreparedAnswer) -> int:
    return answer.pk


def pairing_of(
    campaign: Campaign, first: PreparedAnswer, second: PreparedAnswer, probability: float
) -> Pairing:
    is_shared = _chance.random() * 100 < campaign.shared_percent
    return Pairing.objects.get_or_create(
        first=first,
        second=second,
        defaults={
            "prompt_id": first.prompt_id,
            "selection_probability": probability,
            "wanted": campaign.judgements_per_pair if is_shared else 1,
        },
    )[0]


def nothing_left(was_there_any: bool) -> Refused:
    if was_there_any:
        return Refused(
            gettext(
                "You have judged every pair of this campaign. Thank you! There is nothing left to "
                "do."
            ),
            code=Code.ALL_JUDGED,
            is_thanks=True,
        )
    return Refused(
        gettext("The answers of this campaign are still being prepared. Come back a little later."),
        code=Code.NOT_PREPARED,
        status=503,
    )
