"""Facts about the single votes of a campaign: their times, their sides, and voters' agreement.

Every vote is read, so this is computed once per publication, by the background worker, and stored
with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Case, Count, Q, QuerySet, When
from django.db.models.functions import TruncDate

from arena.importing.times import EARLIEST, latest
from arena.models import Campaign, ImportedVote, Vote

from ..archive.votes_file import OUTCOMES
from ..core import NotEnoughDataError
from ..core.questions.agreement import Distance, krippendorff_alpha, oriented
from ..facts import Agreement, Alpha, Pace, Period, VoteFacts

MOST_PERIODS = 60
# With fewer items that two voters judged, the interval of alpha is too wide to be useful.
FEWEST_ITEMS = 30
DISTANCES: tuple[Distance, ...] = ("nominal", "ordinal")

Days = Counter[date | None]  # votes per day; None if the day is unknown

# An item is one prompt with two answers, shown to several voters. Imports name their own items; the
# voter has to be known, so that nobody is compared with themselves.
JUDGED = """
    WITH judged AS (
        SELECT 'p' || pairing_id AS item, 'v' || vote.voter_id AS voter, verdict,
            contestant_a_id AS a, contestant_b_id AS b
        FROM arena_vote vote JOIN arena_battle battle ON battle.id = vote.battle_id
        JOIN arena_judgement one ON one.battle_id = battle.id
        WHERE campaign_id = %(campaign)s AND standing = 'COUNTED'
        UNION ALL
        SELECT 'i' || item, 'i' || voter, verdict, contestant_a_id, contestant_b_id
        FROM arena_importedvote one JOIN arena_import source ON source.id = source_id
        WHERE campaign_id = %(campaign)s AND withdrawn IS NULL AND item <> '' AND voter <> ''
    ), shared AS (
        SELECT *, count(*) OVER (PARTITION BY item, least(a, b), greatest(a, b)) AS judgements
        FROM judged
    )
    SELECT dense_rank() OVER (ORDER BY item, least(a, b), greatest(a, b)),
        dense_rank() OVER (ORDER BY voter), a, b, verdict
    FROM shared WHERE judgements > 1
"""


def of(campaign: Campaign) -> VoteFacts:
    cast = Vote.objects.filter(battle__campaign=campaign, standing=Vote.Standing.COUNTED)
    brought = ImportedVote.objects.counted().filter(source__campaign=campaign)
    cast_days, cast_verdicts = _counts(cast, "created")
    brought_days, brought_verdicts = _counts(brought, "at")
    return VoteFacts(
        pace=pace(cast_days, brought_days),
        verdicts=dict(cast_verdicts + brought_verdicts),
        agreement=agreement(campaign),
    )


def _counts(votes: QuerySet[Any], when: str) -> tuple[Days, Counter[str]]:
    """The votes by day and by verdict, in one pass. An implausible day, such as one in the year
    9999, counts as unknown: it would stretch the chart beyond reading."""
    believed = Q(**{f"{when}__gte": EARLIEST, f"{when}__lte": latest()})
    day = Case(When(believed, then=TruncDate(when)), default=None)
    by_day = votes.annotate(day=day).values_list("day", "verdict")
    days: Days = Counter()
    verdicts: Counter[str] = Counter()
    for day, verdict, number in by_day.annotate(number=Count("pk")).order_by():
        days[day] += number
        verdicts[verdict] += number
    return days, verdicts


def pace(cast: Days, brought: Days) -> Pace:
    """Votes by day, week or month: the finest with at most `MOST_PERIODS` periods; months may
    exceed it."""
    known = sorted(day for day in {*cast, *brought} if day)
    undated = cast[None] + brought[None]
    if not known:
        return Pace(undated=undated)
    span = (known[-1] - known[0]).days + 1
    unit = "day" if span <= MOST_PERIODS else "week" if span <= 7 * MOST_PERIODS else "month"
    ours, theirs = _by_period(cast, unit), _by_period(brought, unit)
    starts = periods(known[0], known[-1], unit)
    counted = (Period(start.isoformat(), ours[start], theirs[start]) for start in starts)
    return Pace(unit, tuple(counted), undated)


def _by_period(days: Days, unit: str) -> Counter[date]:
    found: Counter[date] = Counter()
    for day, votes in days.items():
        if day:
            found[start_of(day, unit)] += votes
    return found


def start_of(day: date, unit: str) -> date:
    """Weeks begin on Monday."""
    if unit == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if unit == "week" else day


def periods(first: date, last: date, unit: str) -> Iterable[date]:
    """All periods, also those without votes."""
    start = start_of(first, unit)
    while start <= last:
        yield start
        start = start_of(start + timedelta(days={"day": 1, "week": 7, "month": 31}[unit]), unit)


def agreement(campaign: Campaign) -> Agreement:
    """Krippendorff's alpha with its interval, nominal (a tie is as far from a win as a loss is) and
    ordinal (a tie lies between them); only the counts if too few items were judged twice."""
    with connection.cursor() as cursor:
        cursor.execute(JUDGED, {"campaign": campaign.pk})
        rows = [(*ints, OUTCOMES[verdict]) for *ints, verdict in cursor]
    if not rows:
        return Agreement()
    item, voter, a, b, verdict = np.array(rows, dtype=np.int64).T
    value = oriented(a, b, verdict)
    try:
        found = {d: krippendorff_alpha(item, value, voter=voter, distance=d) for d in DISTANCES}
    except NotEnoughDataError:  # all repeated judgements are by the same voter
        return Agreement()
    items, judgements = found["nominal"].items, found["nominal"].judgements
    if items < FEWEST_ITEMS:
        return Agreement(items, judgements)
    nominal, ordinal = (
        Alpha(*map(_number, (one.alpha, one.lower, one.upper))) for one in found.values()
    )
    return Agreement(items, judgements, nominal, ordinal)


def _number(value: float) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None
