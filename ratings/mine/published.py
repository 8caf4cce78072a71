"""Finding a vote among the single votes of a publication, which name no voter."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC
from functools import lru_cache

from arena.models import Vote

from ..archive.snapshot_file import VOTES, opened
from ..archive.votes_file import VOTE
from ..models import Rating, Snapshot


@dataclass(frozen=True)
class Line:
    """A line of `votes.csv`.

    Attributes:
        number: from 1, which is the line of the names of the columns.
        text: the line itself.
        left_out: why it was not counted; "" if it was.
    """

    number: int
    text: str
    left_out: str


def line_of(snapshot: Snapshot, vote: Vote) -> Line | None:
    """The line of a vote in the file of a publication; None if the file does not list single votes,
    or lists them in another order because two were cast at the same moment."""
    return _line_of(snapshot.pk, snapshot.last_vote_id, vote.pk)


@lru_cache(maxsize=512)
def _line_of(snapshot: int, last_vote: int, pk: int) -> Line | None:
    """Cached, as it reads the whole file, and neither file nor vote ever changes."""
    stored = Snapshot.objects.values_list("archive", flat=True).get(pk=snapshot)
    vote = Vote.objects.select_related("battle").get(pk=pk)
    # Imported votes come first in the file, so lines are counted from its end.
    later = Vote.objects.filter(
        battle__campaign=vote.battle.campaign_id, pk__gt=pk, pk__lte=last_vote
    )
    with opened(bytes(stored or b"")) as archive:
        if VOTES not in archive.namelist():
            return None
        with archive.open(VOTES) as member:
            found = from_the_end(member, later.count())
    if found is None:
        return None
    number, text = found
    return _if_it_is(vote, snapshot, number, text.decode().rstrip("\r\n"))


def from_the_end(lines: Iterable[bytes], after: int) -> tuple[int, bytes] | None:
    """The line with `after` lines behind it, and its number from 1."""
    last: deque[tuple[int, bytes]] = deque(enumerate(lines, start=1), maxlen=after + 1)
    return last[0] if len(last) == after + 1 else None


def _if_it_is(vote: Vote, snapshot: int, number: int, text: str) -> Line | None:
    values = text.split(",", len(VOTE) - 1)
    if len(values) != len(VOTE):
        return None
    left, right, verdict, day, left_out = values
    rated = Rating.objects.filter(snapshot=snapshot).order_by("contestant_id")
    models = {key: str(i) for i, key in enumerate(rated.values_list("contestant_id", flat=True))}
    battle = vote.battle
    expected = (
        models.get(battle.contestant_a_id, ""),
        models.get(battle.contestant_b_id, ""),
        vote.verdict,
        f"{vote.created.astimezone(UTC):%Y-%m-%d}",
    )
    is_it = number > 1 and (left, right, verdict, day) == expected
    return Line(number, text, left_out.strip('"')) if is_it else None
