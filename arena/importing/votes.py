"""A vote as a format has read it, and many of them as columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple, Protocol

from arena.models import Verdict

from .errors import BadRow, NotAVote
from .files import Broken, Row

ROWS_PER_BLOCK = 2_000
LONGEST_NAME = 120  # characters of a contestant's name
LONGEST_TEXT = 200  # of the other columns

VERDICTS = {
    "model_a": Verdict.A.value,
    "model_b": Verdict.B.value,
    "tie": Verdict.TIE.value,
    "tie (bothbad)": Verdict.BOTH_BAD.value,
    "both_bad": Verdict.BOTH_BAD.value,
}


class ReadVote(NamedTuple):
    """One vote. Times are ISO 8601; an empty text means that the file does not tell."""

    model_a: str
    model_b: str
    verdict: str
    key: str = ""
    voter: str = ""
    item: str = ""
    language: str = ""
    at: str = ""


@dataclass(frozen=True)
class Block:
    """Votes as columns: only the columns their file has, all of the same length."""

    columns: dict[str, Sequence[str]]

    def __len__(self) -> int:
        return len(self.columns["model_a"])


class Rejects(Protocol):
    """Where rows go that are no votes."""

    def set_aside(self, line: int, reason: str, row: object) -> None: ...

    def pass_over(self, reason: str) -> None: ...


def blocks(
    rows: Iterator[tuple[int, Row | Broken]], convert: Callable[[Row], ReadVote], rejects: Rejects
) -> Iterator[Block]:
    """The votes that `convert` finds in `rows`; the others go to `rejects`, with their lines."""
    while batch := list(islice(rows, ROWS_PER_BLOCK)):
        if votes := list(converted(batch, convert, rejects)):
            yield Block(dict(zip(ReadVote._fields, zip(*votes, strict=True), strict=True)))


def converted(
    batch: list[tuple[int, Row | Broken]], convert: Callable[[Row], ReadVote], rejects: Rejects
) -> Iterator[ReadVote]:
    for line, row in batch:
        if isinstance(row, Broken):
            rejects.set_aside(line, row.reason, row.text)
            continue
        try:
            yield checked(convert(row))
        except BadRow as bad:
            rejects.set_aside(line, str(bad), row)
        except NotAVote as other:
            rejects.pass_over(str(other))


def checked(vote: ReadVote) -> ReadVote:
    """The vote, if it can be stored. Raises BadRow."""
    for side in (vote.model_a, vote.model_b):
        if not side.strip():
            raise BadRow("a model has no name")
        if len(side) > LONGEST_NAME:
            raise BadRow(f"a model's name has {len(side)} characters, at most {LONGEST_NAME} fit")
    if vote.model_a == vote.model_b:
        raise BadRow(f"{vote.model_a!r} is compared with itself")
    if max(map(len, vote[3:])) > LONGEST_TEXT:
        raise BadRow(f"one of its columns has more than {LONGEST_TEXT} characters")
    text = "".join(vote)
    if "\0" in text or not is_utf8(text):
        raise BadRow("it is not UTF-8 text")
    return vote


def is_utf8(text: str) -> bool:
    """Bytes that were not UTF-8 were read as lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
