"""A vote as a format has read it."""

from __future__ import annotations

from typing import NamedTuple

from arena.models import Verdict

from .errors import BadRow

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
    labels: str = ""  # slices that the prompts belong to, besides language and month
    style: str = ""  # of both answers: eight counts, as PostgreSQL writes arrays


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
