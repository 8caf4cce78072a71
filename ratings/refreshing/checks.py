"""What the checks of a prepared campaign say of its models, and how far voters agree with them.

Counted once nobody can vote any more: before, whoever knows that one model is always right could
tell whose text is in front of them. Of several texts of a model on a prompt, the first by its
newest revision counts, so that each prompt counts once; votes are on whichever texts
their voters saw.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import numpy as np
from django.db import transaction
from django.db.models import Count, Max
from django.utils import timezone

from arena.limits import CAMPAIGNS
from arena.models import Campaign, CheckedAnswer, StandingChange, Verdict, Vote

from ..core.data.arrays import FloatArray
from ..core.uncertainty.voter_shares import voter_shares
from ..models import CheckCount, CheckedVotes, CheckPair
from .reading import one_moment

LEVEL = 0.95
VERSION = 1  # of what is counted
Outcome = CheckedAnswer.Outcome
FIRST = ("answer__prompt", "answer__revision__contestant")


def count_all() -> None:
    """Count anew where answers or votes have changed."""
    ended = timezone.now() - timedelta(seconds=CAMPAIGNS.vote_s)
    known = dict(CheckedVotes.objects.values_list("campaign", "fingerprint"))
    checked = Campaign.objects.filter(closes__lte=ended, prompts__expected__isnull=False)
    for campaign in checked.distinct():
        with one_moment():
            fingerprint = _fingerprint(campaign)
            if known.get(campaign.pk) != fingerprint:
                made = [*_counts(campaign)], [*_pairs(campaign)], _votes(campaign, fingerprint)
            else:
                continue
        _store(campaign, *made)


def _fingerprint(campaign: Campaign) -> str:
    answers = CheckedAnswer.objects.filter(answer__prompt__campaign=campaign)
    found = answers.aggregate(n=Count("pk"), last=Max("pk"))
    votes = Vote.objects.filter(battle__campaign=campaign).aggregate(n=Count("pk"), last=Max("pk"))
    changes = StandingChange.objects.filter(vote__battle__campaign=campaign)
    last = changes.aggregate(last=Max("pk"))["last"]
    parts = (VERSION, found["n"], found["last"], votes["n"], votes["last"], last)
    return "-".join(str(part or 0) for part in parts)


@transaction.atomic
def _store(
    campaign: Campaign, counts: list[CheckCount], pairs: list[CheckPair], votes: CheckedVotes
) -> None:
    for model in (CheckCount, CheckPair, CheckedVotes):
        model.objects.filter(campaign=campaign).delete()
    CheckCount.objects.bulk_create(counts)
    CheckPair.objects.bulk_create(pairs, batch_size=1_000)
    votes.save()


def _outcomes(campaign: Campaign) -> list[tuple[int, int, str]]:
    """Prompt, contestant, outcome: one of each two."""
    rows = CheckedAnswer.objects.filter(answer__prompt__campaign=campaign).distinct(*FIRST)
    rows = rows.order_by(*FIRST, "-answer__revision__number", "answer__number")
    return [*rows.values_list(*FIRST, "outcome")]


def _counts(campaign: Campaign) -> Iterator[CheckCount]:
    found = Counter((model, outcome) for _prompt, model, outcome in _outcomes(campaign))
    for model in sorted({model for model, _outcome in found}):
        yield CheckCount(
            campaign=campaign,
            contestant_id=model,
            right=found[model, Outcome.RIGHT],
            wrong=found[model, Outcome.WRONG],
            unanswered=found[model, Outcome.NONE],
            unchecked=found[model, Outcome.UNCHECKED],
        )


def _pairs(campaign: Campaign) -> Iterator[CheckPair]:
    rows = [row for row in _outcomes(campaign) if row[2] != Outcome.UNCHECKED]
    prompts = {prompt: i for i, prompt in enumerate(sorted({row[0] for row in rows}))}
    models = sorted({row[1] for row in rows})
    place = {model: i for i, model in enumerate(models)}
    known: FloatArray = np.zeros((len(prompts), len(models)))
    right = np.zeros_like(known)
    for prompt, model, outcome in rows:
        at = prompts[prompt], place[model]
        known[at], right[at] = 1, outcome == Outcome.RIGHT
    both, only = known.T @ known, right.T @ (known - right)
    for i, j in zip(*np.triu_indices(len(models), 1), strict=True):
        if both[i, j]:
            yield CheckPair(
                campaign=campaign,
                first_id=models[i],
                second_id=models[j],
                prompts=int(both[i, j]),
                first_only=int(only[i, j]),
                second_only=int(only[j, i]),
            )


def _votes(campaign: Campaign, fingerprint: str) -> CheckedVotes:
    """Of pairs of texts of which exactly one is right: what their voters chose."""
    said: Counter[tuple[int, int]] = Counter()  # 0: the right one, 1: the wrong one, 2: neither
    for voter, choice in _choices(campaign):
        said[voter, choice] += 1
    voters = sorted({voter for voter, _choice in said})
    table = np.array([[said[voter, i] for i in range(3)] for voter in voters]).reshape(-1, 3)
    made = CheckedVotes(campaign=campaign, fingerprint=fingerprint, voters=len(voters))
    made.right, made.wrong, made.neither = (int(each) for each in table.sum(axis=0))
    if voters:
        group = np.repeat(np.arange(3), len(voters))
        votes = np.tile(table.sum(axis=1), 3).astype(np.float64)
        found = voter_shares(group, table.T.ravel().astype(np.float64), votes, 3)
        ends = zip(found.share, *found.interval(LEVEL), strict=True)
        shares = [[round(float(number), 3) for number in each] for each in ends]
        made.right_share, made.wrong_share, made.neither_share = shares
    return made


def _choices(campaign: Campaign) -> Iterator[tuple[int, int]]:
    pairing = "battle__judgement__pairing"
    votes = Vote.objects.filter(battle__campaign=campaign, standing=Vote.Standing.COUNTED)
    rows = votes.filter(battle__judgement__isnull=False).order_by("pk").values_list(
        "voter",
        "verdict",
        "battle__contestant_a",
        f"{pairing}__first__revision__contestant",
        f"{pairing}__first__checked__outcome",
        f"{pairing}__second__checked__outcome",
    )  # fmt: skip
    for voter, verdict, a, model, *outcomes in rows.iterator():
        if None in outcomes or Outcome.UNCHECKED in outcomes:
            continue
        first, second = (outcome == Outcome.RIGHT for outcome in outcomes)
        if first != second:
            is_right = Verdict.A if first == (model == a) else Verdict.B
            chosen = verdict in (Verdict.A, Verdict.B)
            yield voter, int(verdict != is_right) if chosen else 2
