"""`python -m ratings reproduce SNAPSHOT.zip`: compute a published board again. Knows no Django."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .archive import RATING, ArchiveError, Content, Row, rating_rows, sha256, unpack
from .core import RatingsError


@dataclass(frozen=True)
class Outcome:
    """What came out, beside what was published."""

    sha256: str
    content: Content
    computed: list[Row]

    @property
    def differences(self) -> list[str]:
        """One sentence for each published number that is not what comes out."""
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
        ]
        wrong = self.differences
        if not wrong:
            return "\n".join([*lines, "Reproduced: every number is the same to the last digit."])
        return "\n".join([*lines, f"Not reproduced: {len(wrong)} numbers differ.", *wrong[:20]])


def reproduce(path: Path) -> Outcome:
    """Raises ArchiveError when the file cannot be read or rated."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror}.") from error
    content = unpack(data)
    try:
        result = content.rate()
    except RatingsError as error:
        raise ArchiveError(f"{path.name} cannot be rated: {error}") from error
    names = [model["slug"] for model in content.models]
    return Outcome(sha256(data), content, rating_rows(names, result))


def main(path: Path) -> int:
    """Print what came out; 0 when it is what was published."""
    try:
        outcome = reproduce(path)
    except ArchiveError as error:
        print(f"ratings: {error}")
        return 1
    print(outcome.report())
    return 1 if outcome.differences else 0
