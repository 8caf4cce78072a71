"""Withdrawing an import: its votes leave the tallies, all or none, and can be taken back.

For large files both take a while, so pages order them as jobs (`changing`)."""

from __future__ import annotations

import time
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import connection
from django.utils import timezone

from arena.alone import IMPORTING, try_for
from arena.counting import board_changes, tallies
from arena.counting.tallies import Counts, Key
from arena.errors import Code, Refused
from arena.jobs.progress import SILENCE, Notes
from arena.labels.slices import OVERALL
from arena.models import Import, ImportChange, Tally, WithdrawnFrom
from arena.plurals import counted
from arena.transactions import retried

PAUSE_S = 0.2  # between two looks whether another import has ended
COUNTING = 0.9  # the part of the time that counting the votes takes
WAITING = "Waits for another import into the campaign, or its withdrawal, to end."

# Votes of a withdrawn import whose names have been imported again since.
IMPORTED_AGAIN = """
SELECT count(*), min(source.name) FROM arena_importedvote vote
JOIN arena_import source ON source.id = vote.source_id
WHERE source.campaign_id = %(campaign)s AND source.withdrawn IS NULL AND vote.key <> ''
    AND vote.key IN (SELECT key FROM arena_importedvote WHERE source_id = %(source)s)
"""


@retried
def withdraw(key: int, reason: str, by: Any = None, notes: Notes = SILENCE) -> ImportChange:
    """Take an import's votes out of the tallies. Rows that new votes need are locked by the last
    statements only, however many votes there are. Raises Refused."""
    source, reason = held(key, notes), stated(reason)
    check_standing(source, is_back=False)
    counts = counts_of(source, notes)
    source.withdrawn = timezone.now()
    source.save(update_fields=["withdrawn", "summed_up"])
    models = {model for _, *pair in counts for model in pair}
    WithdrawnFrom.objects.bulk_create(
        WithdrawnFrom(source=source, contestant_id=model) for model in sorted(models)
    )
    tallies.add(source.campaign_id, tallies.negated(counts))
    return noted(source, reason, by, notes)


@retried
def take_back(key: int, reason: str, by: Any = None, notes: Notes = SILENCE) -> ImportChange:
    """Count a withdrawn import again. Raises Refused, also if its votes were imported again."""
    source, reason = held(key, notes), stated(reason)
    check_standing(source, is_back=True)
    check_not_imported_again(source)
    source.withdrawn = None
    source.save(update_fields=["withdrawn"])
    source.contestants.all().delete()
    tallies.add(source.campaign_id, counts_of(source, notes))
    return noted(source, reason, by, notes)


def preview(source: Import, notes: Notes = SILENCE) -> dict[str, Any]:
    """The board before and after the change that is possible now, as JSON. Raises Refused."""
    counts = counts_of(source, notes)
    change = counts if source.withdrawn else tallies.negated(counts)
    return board_changes.preview(source.campaign, change)


def left_out_since(source: Import) -> int:
    """Votes of later imports that were not stored because they were there already, perhaps as part
    of this one: they do not come back when it is withdrawn."""
    later = Import.objects.counted().filter(campaign=source.campaign_id, pk__gt=source.pk)
    return sum(later.values_list("repeated", flat=True))


def held(key: int, notes: Notes = SILENCE) -> Import:
    """The import, while no other import or withdrawal of its campaign is under way."""
    campaign = Import.objects.values_list("campaign", flat=True).get(pk=key)
    while not try_for(IMPORTING, campaign):
        notes.say(WAITING)
        time.sleep(PAUSE_S)
    return Import.objects.select_related("campaign").get(pk=key)


def check_standing(source: Import, is_back: bool) -> None:
    if is_back and source.withdrawn is None:
        raise refusal("This import is not withdrawn.")
    if not is_back and source.withdrawn is not None:
        raise refusal("This import is withdrawn already.")


def stated(reason: str) -> str:
    if not (reason := reason.strip()):
        raise Refused("Say why: readers of the campaign see it.", code=Code.NO_REASON, status=400)
    return reason[:300]


def noted(source: Import, reason: str, by: Any, notes: Notes) -> ImportChange:
    """Record the change, also in the admin's history. The last note is before the end of the
    transaction, so that a cancelled job changes nothing."""
    is_withdrawn, votes = source.withdrawn is not None, source.votes
    if by is not None:
        said = f"{done(is_withdrawn, votes)} Reason: {reason}"
        log = Import.objects.filter(pk=source.pk)
        LogEntry.objects.log_actions(by.pk, log, CHANGE, change_message=said)
    change = ImportChange.objects.create(
        source=source, withdrawn=is_withdrawn, reason=reason, votes=votes, by=by
    )
    notes(1.0)
    return change


def done(is_withdrawn: bool, votes: int) -> str:
    return f"{'Withdrawn' if is_withdrawn else 'Taken back'}: {counted(votes, 'vote')}."


def counts_of(source: Import, notes: Notes = SILENCE) -> dict[Key, Counts]:
    """What an import added to the tallies."""
    found = tallies.of_import(source, lambda part: notes(COUNTING * part))
    if source.summed_up is None and votes_in(found) < source.votes:
        source.summed_up = rest_of(source)
    for first, second, *counts in source.summed_up or []:
        found[OVERALL, first, second] = counts
    return found


def rest_of(source: Import) -> list[list[int]]:
    """The tallies of an import that is older than their column: what no other votes explain, if it
    is the only one of its campaign. Raises Refused."""
    others = Import.objects.counted().filter(campaign=source.campaign_id).exclude(pk=source.pk)
    others = others.select_related("campaign")
    if any(
        other.summed_up is None and votes_in(tallies.of_import(other)) < other.votes
        for other in others
    ):
        raise refusal(
            "This import and another one came as tallies, before the arena noted which were "
            "whose. Delete the campaign, and import the right files into a new one."
        )
    rest = tallies.difference(overall_of(source.campaign_id), tallies.recounted(source.campaign_id))
    for other in others:
        noted_rows = {(OVERALL, a, b): counts for a, b, *counts in other.summed_up or []}
        rest = tallies.difference(rest, noted_rows)
    return [[a, b, *counts] for (part, a, b), counts in sorted(rest.items()) if part == OVERALL]


def overall_of(campaign: int) -> dict[Key, Counts]:
    rows = Tally.objects.filter(campaign=campaign, slice=OVERALL)
    return {
        (OVERALL, first, second): counts
        for first, second, *counts in rows.values_list(*Tally.COLUMNS)
    }


def votes_in(found: dict[Key, Counts]) -> int:
    return sum(sum(counts) for (part, *_), counts in found.items() if part == OVERALL)


def check_not_imported_again(source: Import) -> None:
    """Otherwise votes would count twice."""
    same = Import.objects.counted().filter(campaign=source.campaign_id, sha256=source.sha256)
    if (other := same.first()) is not None:
        raise refusal(f"The same file was imported again since, as {other.name}.")
    with connection.cursor() as cursor:
        cursor.execute(IMPORTED_AGAIN, {"campaign": source.campaign_id, "source": source.pk})
        votes, name = cursor.fetchone()
    if votes:
        raise refusal(
            f"{counted(votes, 'vote')} of it came again since, with {name}. Withdraw that first."
        )


def refusal(sentence: str) -> Refused:
    return Refused(sentence, code=Code.IMPORT_STANDS, status=400)
