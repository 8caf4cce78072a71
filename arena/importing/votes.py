"""A vote as read from a file."""

from __future__ import annotations

from typing import NamedTuple

from arena.limits import IMPORTS
from arena.models import Verdict
from arena.models.names import composed

from .characters import NOT_IN_NAMES, quoted, unreadable
from .errors import BadRow

VERDICTS = {
    "model_a": Verdict.A.value,
    "model_b": Verdict.B.value,
    "tie": Verdict.TIE.value,
    "tie (bothbad)": Verdict.BOTH_BAD.value,
    "both_bad": Verdict.BOTH_BAD.value,
}


class ReadVote(NamedTuple):
    """One vote. Times are ISO 8601; an empty string means unknown."""

    model_a: str
    model_b: str
    verdict: str
    key: str = ""
    voter: str = ""
    item: str = ""
    language: str = ""
    at: str = ""
    labels: str = ""  # slices of the prompts, except language and month
    style: str = ""  # of both answers: eight counts as a PostgreSQL array literal
    criteria: str = ""  # what was said by criterion, as accurate:A clear:TIE
    remark: str = ""  # a remark for the report; the vote counts all the same

    @property
    def stored(self) -> tuple[str, ...]:
        return self[:-1]


def checked(vote: ReadVote) -> ReadVote:
    """The vote, if it can be stored. Raises BadRow."""
    if reason := unreadable("".join(vote.stored)):
        raise BadRow(reason)
    for side in (vote.model_a, vote.model_b):
        check_name(side)
    if composed(vote.model_a) == composed(vote.model_b):
        raise BadRow(f"{quoted(vote.model_a)} is compared with itself")
    if max(map(len, vote.stored[3:])) > IMPORTS.text_characters:
        raise BadRow(f"one of its columns has more than {IMPORTS.text_characters} characters")
    return vote


def check_name(name: str) -> None:
    """Check a model's name. Raises BadRow if pages and feeds can't show it."""
    if reason := unreadable(name):
        raise BadRow(reason)
    if not name.strip():
        raise BadRow("a model has no name")
    if len(name) > IMPORTS.name_characters:
        raise BadRow(
            f"a model's name has {len(name)} characters, the limit is {IMPORTS.name_characters}"
        )
    if NOT_IN_NAMES.search(name):
        raise BadRow(f"the name {quoted(name)} contains a control character")
