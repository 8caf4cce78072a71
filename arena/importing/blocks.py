"""Blocks of votes, in the form in which they are loaded into the tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Protocol

from .contestants import Contestants
from .csv_rows import SpanningRow
from .encoding import Broken
from .errors import BadRow, NotAVote
from .files import Row
from .votes import ReadVote, checked

ROWS_PER_BLOCK = 2_000
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Block(Protocol):
    """A block of votes. All blocks of a file fill the same columns of the table."""

    @property
    def table_columns(self) -> list[str]: ...

    @property
    def names(self) -> set[str]: ...

    def rows(self, source: int, contestants: Contestants) -> str | bytes:
        """The rows in the format of PostgreSQL's COPY."""


class VoteBlock:
    """Votes that were read one by one."""

    table_columns = [
        "source_id", "contestant_a_id", "contestant_b_id", "verdict", "key", "voter", "item",
        "language", "labels", "criteria", "at", "style",
    ]  # fmt: skip

    def __init__(self, votes: list[ReadVote]) -> None:
        self._votes = votes

    @property
    def names(self) -> set[str]:
        return {name for vote in self._votes for name in vote[:2]}

    def rows(self, source: int, contestants: Contestants) -> str:
        return "".join(copy_row(vote, source, contestants) for vote in self._votes)


def copy_row(vote: ReadVote, source: int, contestants: Contestants) -> str:
    texts = (vote.key, vote.voter, vote.item, vote.language, vote.labels, vote.criteria)
    models = (contestants[vote.model_a], contestants[vote.model_b])
    escaped = [text.translate(ESCAPES) for text in texts]
    known = [text or "\\N" for text in (vote.at, vote.style)]
    return "\t".join([str(source), *models, vote.verdict, *escaped, *known]) + "\n"


class Rejects(Protocol):
    """Collects rows that are not votes, and remarks on votes."""

    def set_aside(self, line: int, reason: str, row: object) -> None: ...

    def pass_over(self, reason: str) -> None: ...

    def remark(self, line: int, remark: str) -> None: ...


def blocks(
    rows: Iterator[tuple[int, Row | Broken]], convert: Callable[[Row], ReadVote], rejects: Rejects
) -> Iterator[Block]:
    """The votes that `convert` finds in `rows`; other rows go to `rejects` with their lines."""
    while batch := list(islice(rows, ROWS_PER_BLOCK)):
        if votes := list(converted(batch, convert, rejects)):
            yield VoteBlock(votes)


def converted(
    batch: Iterable[tuple[int, Row | Broken]],
    convert: Callable[[Row], ReadVote],
    rejects: Rejects,
) -> Iterator[ReadVote]:
    for line, row in batch:
        if isinstance(row, Broken):
            rejects.set_aside(line, row.reason, row.text)
            continue
        try:
            vote = checked(convert(row))
        except BadRow as bad:
            rejects.set_aside(line, str(bad), row)
            if isinstance(row, SpanningRow) and has_votes(row, convert):
                yield from converted(row.later_lines(), convert, rejects)
        except NotAVote as other:
            rejects.pass_over(str(other))
        else:
            if vote.remark:
                rejects.remark(line, vote.remark)
            yield vote


def has_votes(row: SpanningRow, convert: Callable[[Row], ReadVote]) -> bool:
    """Whether any of its later lines is a vote by itself, unlike the lines of a long text."""
    for _, later in row.later_lines():
        try:
            if not isinstance(later, Broken):
                checked(convert(later))
                return True
        except (BadRow, NotAVote):
            continue
    return False
