"""Running tallies: adding to them, and recounting them from the votes.

There is one row per slice and pair. Every addition goes through `add`, and every change of a vote
or of its labels through `following`, so that the tallies always equal a recount.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max, Min

from ..labels.slices import OVERALL
from ..models import Import, ImportedVote, Tally, Vote

Key = tuple[str, int, int]  # slice, and the pair ordered by primary key
Counts = Sequence[int]  # wins of the first, of the second, ties, both bad
SPAN = 100_000  # imported votes that are counted with one query
NO_END = 2**63 - 1
COUNTED = Vote.Standing.COUNTED.value

# Sorted by key, so that two concurrent votes on a pair cannot deadlock.
ADD = f"""
INSERT INTO arena_tally AS tally (campaign_id, slice, {", ".join(Tally.COLUMNS)})
SELECT %s, * FROM unnest(
    %s::text[], %s::bigint[], %s::bigint[],
    %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[]
) ORDER BY 2, 3, 4
ON CONFLICT (campaign_id, slice, first_id, second_id) DO UPDATE SET
    {", ".join(f"{name} = tally.{name} + excluded.{name}" for name in Tally.COUNTS)}
"""
# Of these pairs, those without a vote left. A tally that was taken back is then as if it had never
# been: a board reads the same as before.
DROP_EMPTY = f"""
DELETE FROM arena_tally tally
USING unnest(%s::text[], %s::bigint[], %s::bigint[]) AS changed(slice, first_id, second_id)
WHERE tally.campaign_id = %s AND tally.slice = changed.slice
    AND tally.first_id = changed.first_id AND tally.second_id = changed.second_id
    AND {" AND ".join(f"tally.{name} = 0" for name in Tally.COUNTS)}
"""
# What voters said with each vote: which answer is better, and what they answered by criterion. With
# the columns of the battle, as a condition on them reaches both parts: no other votes are read.
OF_VOTE = """vote.id, battle_id, campaign_id, contestant_a_id, contestant_b_id, vote.voter_id,
        standing, standing_reason, vote.created"""
VERDICTS = f"""(
    SELECT {OF_VOTE}, ''::varchar AS criterion, verdict
    FROM arena_vote vote JOIN arena_battle battle ON battle.id = battle_id
    UNION ALL
    SELECT {OF_VOTE}, said.criterion, said.verdict
    FROM arena_criterionverdict said
    JOIN arena_vote vote ON vote.id = said.vote_id
    JOIN arena_battle battle ON battle.id = battle_id
)"""
# The same of imported votes, whose verdicts by criterion are in one column.
OF_IMPORTED = (
    """id, source_id, contestant_a_id, contestant_b_id, voter, language, labels, style, at"""
)
BROUGHT_VERDICTS = f"""(
    SELECT {OF_IMPORTED}, ''::varchar AS criterion, verdict FROM arena_importedvote
    UNION ALL
    SELECT {OF_IMPORTED}, split_part(said, ':', 1)::varchar, split_part(said, ':', 2)::varchar
    FROM arena_importedvote, unnest(string_to_array(criteria, ' ')) AS said
    WHERE criteria <> ''
)"""
# The labels that determine the slices of a vote (cast here, or imported), and those slices. What
# was said of a criterion is in its slice alone.
CAST_LABELS = "coalesce(labels.categories, '{}') AS categories, labels.language, labels.length"
BROUGHT_LABELS = """string_to_array(labels, ' ')::varchar[] AS categories,
    substring(language FROM '^[a-z]{2,3}$') AS language, '' AS length"""
SLICES = """CASE criterion WHEN '' THEN categories || ARRAY[
    'overall',
    'language-' || nullif(language, ''),
    'length-' || nullif(length, ''),
    'month-' || month
] ELSE ARRAY['criterion-' || criterion] END"""
# The number of votes with the same pair, verdict, labels and month; SLICED expands the slices.
CAST = f"""
SELECT contestant_a_id AS a, contestant_b_id AS b, verdict, criterion,
    {CAST_LABELS},
    to_char(vote.created AT TIME ZONE 'UTC', 'YYYY-MM') AS month, count(*) AS votes
FROM {VERDICTS} vote
LEFT JOIN arena_battlelabels labels ON labels.battle_id = vote.battle_id
WHERE campaign_id = %(campaign)s AND vote.standing = ANY(%(standings)s::varchar[])
    AND (vote.id = ANY(%(only)s::bigint[]) OR %(only)s::bigint[] IS NULL)
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
"""
# Groups a million rows in a second or two; the labels are then parsed once per group only.
BROUGHT = f"""
SELECT a, b, verdict, criterion, {BROUGHT_LABELS},
    to_char(month, 'YYYY-MM') AS month, votes
FROM (
    SELECT contestant_a_id AS a, contestant_b_id AS b, verdict, criterion, labels, language,
        date_trunc('month', at AT TIME ZONE 'UTC') AS month, count(*) AS votes
    FROM {BROUGHT_VERDICTS} vote
    WHERE source_id = ANY(%(sources)s) AND id >= %(first)s AND id < %(last)s
    GROUP BY 1, 2, 3, 4, 5, 6, 7
) brought
"""
SLICED = f"""
SELECT slice, least(a, b) AS first, greatest(a, b) AS second,
    coalesce(sum(votes) FILTER (WHERE verdict = CASE WHEN a < b THEN 'A' ELSE 'B' END), 0)::bigint,
    coalesce(sum(votes) FILTER (WHERE verdict = CASE WHEN a < b THEN 'B' ELSE 'A' END), 0)::bigint,
    coalesce(sum(votes) FILTER (WHERE verdict = 'TIE'), 0)::bigint,
    coalesce(sum(votes) FILTER (WHERE verdict = 'BOTH_BAD'), 0)::bigint
FROM ({{votes}}) alike, unnest({SLICES}) AS slice
WHERE slice IS NOT NULL
GROUP BY slice, first, second
"""
# Of one slice: by how many voters the counted votes are that were cast since then.
VOTERS = f"""
SELECT count(DISTINCT voter)
FROM (
    SELECT vote.voter_id AS voter, vote.criterion, {CAST_LABELS},
        to_char(vote.created AT TIME ZONE 'UTC', 'YYYY-MM') AS month
    FROM {VERDICTS} vote
    LEFT JOIN arena_battlelabels labels ON labels.battle_id = vote.battle_id
    WHERE campaign_id = %s AND vote.standing = 'COUNTED' AND vote.created > %s
) since, unnest({SLICES}) AS slice
WHERE slice = %s
"""


def ignored(done: float) -> None:
    """Progress that nobody watches."""


def add(campaign: int, tallies: Mapping[Key, Counts]) -> None:
    """Add `tallies` to those of a campaign (its primary key), with one statement for all slices.
    What has no votes left is deleted."""
    if not tallies:
        return
    columns = [*zip(*tallies, strict=True), *zip(*tallies.values(), strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(ADD, [campaign, *map(list, columns)])
        if any(number < 0 for counts in tallies.values() for number in counts):
            cursor.execute(DROP_EMPTY, [*map(list, columns[:3]), campaign])


def recounted(campaign: int) -> dict[Key, Counts]:
    """The tallies of a campaign, counted from its votes. Does not include tallies that were
    imported without single votes."""
    sources = Import.objects.counted().filter(campaign=campaign).values_list("pk", flat=True)
    return _count(
        f"{CAST} UNION ALL {BROUGHT}",
        campaign=campaign, only=None, standings=[COUNTED], sources=[*sources], first=0, last=NO_END,
    )  # fmt: skip


def of_votes(
    campaign: int, votes: Sequence[int], standings: Sequence[str] = (COUNTED,)
) -> dict[Key, Counts]:
    """The tallies of votes cast here (their primary keys), counting only those that count, or those
    of these standings as if they did."""
    return _count(CAST, campaign=campaign, only=[*votes], standings=[*standings])


def voters_since(campaign: int, part: str, since: datetime) -> int:
    """How many have cast a vote of a slice since then that counts."""
    with connection.cursor() as cursor:
        cursor.execute(VOTERS, [campaign, since, part])
        return int(cursor.fetchone()[0])


@contextmanager
def following(campaign: int, votes: Sequence[int]) -> Iterator[None]:
    """Run the block in a transaction, and update the tallies by what it changes of these votes or
    of the labels of their battles. The votes' rows are locked until the transaction ends."""
    with transaction.atomic():
        hold(votes)
        before = of_votes(campaign, votes)
        yield
        add(campaign, difference(of_votes(campaign, votes), before))


def hold(votes: Iterable[int]) -> None:
    """Lock these votes, sorted by key so that two transactions cannot deadlock."""
    held = Vote.objects.select_for_update().filter(pk__in=[*votes]).order_by("pk")
    list(held.values_list("pk"))


def difference(after: Mapping[Key, Counts], before: Mapping[Key, Counts]) -> dict[Key, Counts]:
    """What has to be added to `before` to get `after`; entries may be negative."""
    nothing = (0,) * len(Tally.COUNTS)
    changes = {
        key: [a - b for a, b in zip(after.get(key, nothing), before.get(key, nothing), strict=True)]
        for key in {**before, **after}
    }
    return {key: change for key, change in changes.items() if any(change)}


def negated(counts: Mapping[Key, Counts]) -> dict[Key, Counts]:
    """What has to be added to take them away."""
    nothing: dict[Key, Counts] = {}
    return difference(nothing, counts)


def of_import(source: Import, progress: Callable[[float], None] = ignored) -> dict[Key, Counts]:
    """The tallies of the single votes of an import, counted span by span."""
    found: dict[Key, Counts] = {}
    spans = _spans(source.pk)
    for number, (first, last) in enumerate(spans, 1):
        for key, more in _count(BROUGHT, sources=[source.pk], first=first, last=last).items():
            found[key] = [*map(int.__add__, found[key], more)] if key in found else more
        progress(number / len(spans))
    return found


def _spans(source: int) -> list[tuple[int, int]]:
    """Ranges of primary keys that hold all single votes of an import."""
    votes = ImportedVote.objects.filter(source=source).aggregate(Min("pk"), Max("pk"))
    first, last = votes["pk__min"], votes["pk__max"]
    if first is None:
        return []
    return [(begin, min(begin + SPAN, last + 1)) for begin in range(first, last + 1, SPAN)]


def _count(votes: str, **values: int | list[int] | list[str] | None) -> dict[Key, Counts]:
    with connection.cursor() as cursor:
        cursor.execute(SLICED.replace("{votes}", votes), values)
        return {(part, first, second): counts for part, first, second, *counts in cursor}


@transaction.atomic
def recount_slices(campaign: int) -> None:
    """Recount every slice but overall from the votes, for example after a change of labels. Locks
    the table, so that votes cast meanwhile wait until it is done."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE arena_tally IN SHARE ROW EXCLUSIVE MODE")
    Tally.objects.filter(campaign=campaign).exclude(slice=OVERALL).delete()
    add(campaign, {key: counts for key, counts in recounted(campaign).items() if key[0] != OVERALL})
