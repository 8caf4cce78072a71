"""`python -m ratings reproduce SNAPSHOT.zip`: compute a published board again. Knows no Django."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..core import RatingsError
from . import snapshot_file
from .snapshot_file import (
    RATING,
    WORTH,
    ArchiveError,
    Content,
    Row,
    rating_rows,
    sha256,
    unpack,
    unpack_votes,
    worth_rows,
)
from .votes_file import Votes

UNSUMMED = (
    "A file this old has no checksums of its parts: only the SHA-256 of the whole file "
    "tells whether its settings and days are those published."
)


@dataclass(frozen=True)
class Outcome:
    """The recomputed board next to the published one."""

    sha256: str
    content: Content
    votes: Votes | None
    ratings: list[Row]
    style: list[Row]
    tampered: list[str]

    @cached_property
    def differences(self) -> list[str]:
        """One sentence for each file that was changed, and for each published number that differs
        from the recomputed one."""
        return [
            *self.tampered,
            *snapshot_file.inconsistent(self.content, has_votes=self.votes is not None),
            *(self._miscounted(self.votes) if self.votes else []),
            *others("ratings", RATING, self.content.ratings, self.ratings),
            *others("worth of style", WORTH, self.content.style, self.style),
        ]

    def _miscounted(self, votes: Votes) -> list[str]:
        """Where the single votes do not add up to the tallies and exclusions."""
        counted = votes.tallies(len(self.content.models))
        tallied = {(row[0], row[1]): tuple(row[2:]) for row in self.content.tallies}
        nothing = (0, 0, 0, 0)
        pairs = sorted({*counted, *tallied})
        wrong = [
            f"models {a} and {b}: tallies.csv says {tallied.get((a, b), nothing)}, "
            f"votes.csv adds up to {counted.get((a, b), nothing)}"
            for a, b in pairs
            if tallied.get((a, b), nothing) != counted.get((a, b), nothing)
        ]
        if {reason: int(number) for reason, number in self.content.exclusions} != votes.left_out:
            wrong.append("exclusions.csv and votes.csv disagree on the votes that were left out")
        return wrong

    def report(self) -> str:
        about = self.content.about
        votes = sum(sum(row[2:]) for row in self.content.tallies)
        lines = [
            f"{about['campaign']['name']}, {self._board()}, of {about['computed']}",
            f"SHA-256 {self.sha256} (the page of the snapshot says which it should be)",
            f"{votes:,} votes on {len(self.content.models)} models; {about['code_version']}",
            self._from(),
            self._by_voters(),
        ]
        wrong = self.differences
        if not wrong:
            lines.append("Reproduced: every number is the same, to the six decimals published.")
            if about["format"] == 1:
                lines.append(UNSUMMED)
            return "\n".join(lines)
        return "\n".join([*lines, f"Not reproduced. Differences: {len(wrong)}", *wrong[:20]])

    def _board(self) -> str:
        """Its name, with its months if it covers a moving range of months."""
        about = self.content.about
        months = about.get("months", [])
        return f"{about['board']} ({' to '.join(months)})" if months else str(about["board"])

    def _from(self) -> str:
        if self.votes is None:
            return f"From tallies. {self.content.about.get('no_single_votes', '')}".strip()
        left_out = sum(self.votes.left_out.values())
        return f"From {len(self.votes.left):,} individual votes; {left_out:,} were left out."

    def _by_voters(self) -> str:
        found = self.content.clustering
        if found is None:
            return "Intervals take all votes as independent."
        return (
            f"Intervals take the votes of each of {found.voters:,} voters together, by the sums in "
            "voters.csv, which cannot be recounted from single votes: nobody is to know which are "
            "by the same voter."
        )


def others(
    what: str, columns: Sequence[str], published: Sequence[Row], computed: Sequence[Row]
) -> list[str]:
    """Where two tables differ; the first column names the row."""
    before = {row[0]: row for row in published}
    if set(before) != {row[0] for row in computed}:
        return [f"The published {what} and the recomputed ones are not about the same names."]
    return [
        f"{row[0]}: {name} is {was or 'empty'} in the file, but {now or 'empty'} when recomputed"
        for row in computed
        for name, was, now in zip(columns, before[row[0]], row, strict=True)
        if was != now
    ]


def reproduce(path: Path) -> Outcome:
    """Raises ArchiveError when the file cannot be read or rated."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror}.") from error
    content, votes = unpack(data), unpack_votes(data)
    try:
        outcome = _recomputed(data, content, votes)
        outcome.report()  # so that whatever is odd about its values is said now
    except RatingsError as error:
        raise ArchiveError(f"{path.name} cannot be rated: {error}") from error
    except snapshot_file.ODD as error:
        raise ArchiveError(f"{path.name} has a value of the wrong kind ({error!r}).") from error
    return outcome


def _recomputed(data: bytes, content: Content, votes: Votes | None) -> Outcome:
    result = content.rate(votes)
    names = [model["slug"] for model in content.models]
    ratings, style = rating_rows(names, result.ratings), worth_rows(result.worth)
    return Outcome(sha256(data), content, votes, ratings, style, snapshot_file.tampered(data))


def main(path: Path) -> int:
    """Print the result; 0 when it matches the publication."""
    try:
        outcome = reproduce(path)
    except ArchiveError as error:
        print(f"ratings: {error}")
        return 1
    print(outcome.report())
    return 1 if outcome.differences else 0
