"""`python -m ratings reproduce SNAPSHOT.zip`: compute a published board again. Knows no Django."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .archive import RATING, ArchiveError, Content, Row, rating_rows, sha256, unpack, unpack_votes
from .core import RatingsError
from .votes_file import Votes


@dataclass(frozen=True)
class Outcome:
    """What came out, beside what was published."""

    sha256: str
    content: Content
    votes: Votes | None
    computed: list[Row]

    @property
    def differences(self) -> list[str]:
        """One sentence for each published number that is not what comes out."""
        counted = self._miscounted(self.votes) if self.votes else []
        return [*counted, *self._other_ratings()]

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

    def _other_ratings(self) -> list[str]:
        published = {row[0]: row for row in self.content.ratings}
        if set(published) != {row[0] for row in self.computed}:
            return ["The published ratings are of other models than the tallies."]
        return [
            f"{row[0]}: {name} is {was or 'empty'} in the file, but {now or 'empty'} comes out"
            for row in self.computed
            for name, was, now in zip(RATING, published[row[0]], row, strict=True)
            if was != now
        ]

    def report(self) -> str:
        about = self.content.about
        votes = sum(sum(row[2:]) for row in self.content.tallies)
        lines = [
            f"{about['campaign']['name']}, {about['board']}, of {about['computed']}",
            f"SHA-256 {self.sha256}",
            f"{votes:,} votes on {len(self.content.models)} models; {about['code_version']}",
            self._from(),
        ]
        wrong = self.differences
        if not wrong:
            return "\n".join([*lines, "Reproduced: every number is the same to the last digit."])
        return "\n".join([*lines, f"Not reproduced. Differences: {len(wrong)}", *wrong[:20]])

    def _from(self) -> str:
        if self.votes is None:
            return f"From tallies. {self.content.about.get('no_single_votes', '')}".strip()
        left_out = sum(self.votes.left_out.values())
        return f"From {len(self.votes.left):,} single votes; {left_out:,} were left out."


def reproduce(path: Path) -> Outcome:
    """Raises ArchiveError when the file cannot be read or rated."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror}.") from error
    content, votes = unpack(data), unpack_votes(data)
    try:
        result = content.rate(votes)
    except RatingsError as error:
        raise ArchiveError(f"{path.name} cannot be rated: {error}") from error
    names = [model["slug"] for model in content.models]
    return Outcome(sha256(data), content, votes, rating_rows(names, result))


def main(path: Path) -> int:
    """Print what came out; 0 when it is what was published."""
    try:
        outcome = reproduce(path)
    except ArchiveError as error:
        print(f"ratings: {error}")
        return 1
    print(outcome.report())
    return 1 if outcome.differences else 0
