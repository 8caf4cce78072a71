"""Which two prepared answers a voter compares next, and their selection probability.

Usually a pair drawn uniformly from all pairs that this voter has not judged. Some pairs are shown
to several voters, to measure how far they agree. A campaign may have a first pair, with which every
voter begins.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from math import comb

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from ..errors import Code, Refused
from ..models import Battle, Campaign, Judgement, Pairing, PreparedAnswer, Voter

POLICY = "prepared-1"
AGAIN = "prepared-1/again"
FIRST = "prepared-1/first"
ABANDONED = timedelta(minutes=30)  # older open battles no longer count as awaiting a vote

_chance = random.SystemRandom()


@dataclass(frozen=True)
class Drawn:
    """A pairing, and the probability with which its two contestants were drawn; for a repeated
    pairing, that of its first draw."""

    pairing: Pairing
    probability: float
    policy: str


@dataclass(frozen=True)
class Seen:
    """The pairs of answers, and of contestants, that a voter has been shown."""

    answers: set[tuple[int, int]]
    contestants: list[frozenset[int]]


def draw(campaign: Campaign, voter: Voter) -> Drawn:
    """Draw the voter's next pairing. Raises Refused if the voter has judged them all."""
    first = campaign.first_pair
    if first is not None and not first.judgements.filter(battle__voter=voter).exists():
        return Drawn(first, 1.0, FIRST)
    again = shared(campaign, voter)
    if again is not None:
        return Drawn(again, again.selection_probability, AGAIN)
    return fresh(campaign, seen_by(voter, campaign))


def shared(campaign: Campaign, voter: Voter) -> Pairing | None:
    """The oldest pairing that needs more judgements and has none by this voter."""
    waited_for = Q(judgements__battle__state=Battle.State.OPEN) & Q(
        judgements__battle__created__gt=timezone.now() - ABANDONED
    )
    counts = Q(judgements__battle__state=Battle.State.VOTED) | waited_for
    unfinished = Pairing.objects.filter(prompt__campaign=campaign, wanted__gt=1)
    others = unfinished.exclude(judgements__battle__voter=voter)
    judged = others.annotate(judged=Count("judgements", filter=counts))
    return judged.filter(judged__lt=F("wanted")).order_by("pk").first()


def seen_by(voter: Voter, campaign: Campaign) -> Seen:
    """Of the pairs that can be drawn: answers that newer ones have replaced are not among them."""
    newest = _newest(ready(campaign), "prompt_id").values("pk")
    judged = Judgement.objects.filter(
        battle__voter=voter,
        battle__campaign=campaign,
        pairing__first__in=newest,
        pairing__second__in=newest,
    )
    rows = judged.values_list(
        "pairing__first_id",
        "pairing__second_id",
        "pairing__first__revision__contestant_id",
        "pairing__second__revision__contestant_id",
    )
    found = set(rows)
    return Seen({(a, b) for a, b, *_pair in found}, [frozenset(pair) for _a, _b, *pair in found])


def ready(campaign: Campaign) -> QuerySet[PreparedAnswer]:
    """Answers that can be judged."""
    done = PreparedAnswer.objects.filter(prompt__campaign=campaign, state=PreparedAnswer.State.DONE)
    return done.exclude(text="")


def fresh(campaign: Campaign, seen: Seen) -> Drawn:
    """A pair drawn uniformly from all that this voter has not seen. Raises Refused if none is
    left."""
    pairs = pairs_of(campaign)
    left = sum(pairs.values()) - len(seen.answers)
    if left <= 0:
        raise nothing_left(any(pairs.values()))
    while True:
        [prompt] = _chance.choices(list(pairs), weights=list(pairs.values()))
        first, second = sorted(_chance.sample(newest_answers(campaign, prompt), 2), key=by_pk)
        if (first.pk, second.pk) not in seen.answers:
            break
    probability = ways(campaign, first, second, seen) / left
    return Drawn(pairing_of(campaign, first, second, probability), probability, POLICY)


def pairs_of(campaign: Campaign) -> dict[int, int]:
    """How many pairs there are to judge, by prompt."""
    rows = ready(campaign).values("prompt").annotate(n=Count("revision__contestant", distinct=True))
    return {row["prompt"]: comb(row["n"], 2) for row in rows}


def newest_answers(campaign: Campaign, prompt: int) -> list[PreparedAnswer]:
    """The newest answer of each contestant to a prompt."""
    return list(_newest(ready(campaign).filter(prompt=prompt).select_related("revision")))


def _newest(answers: QuerySet[PreparedAnswer], *of_each: str) -> QuerySet[PreparedAnswer]:
    """The newest of each contestant, or of each contestant and `of_each`."""
    of_each = (*of_each, "revision__contestant_id")
    return answers.order_by(*of_each, "-revision__number").distinct(*of_each)


def by_pk(answer: PreparedAnswer) -> int:
    return answer.pk


def ways(campaign: Campaign, first: PreparedAnswer, second: PreparedAnswer, seen: Seen) -> int:
    """The number of ways in which these two contestants could have been drawn: prompts that both
    have answered, without those on which the voter has judged this pair."""
    contestants = {first.revision.contestant_id, second.revision.contestant_id}
    of_both = ready(campaign).filter(revision__contestant__in=contestants).values("prompt")
    counted = of_both.annotate(n=Count("revision__contestant", distinct=True))
    return counted.filter(n=2).count() - seen.contestants.count(frozenset(contestants))


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
