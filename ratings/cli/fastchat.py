"""The log of FastChat's arena server (`…-conv.json`), which has votes among other events.

`models` has what the page showed above the answers: nothing before the first vote on a pair, and
the names after it. So a vote beside names was not blind.
"""

from typing import Any

from ratings.cli.blocks import Table
from ratings.cli.derived import DerivedTable, Row, Said, UnusableRow
from ratings.cli.layouts import BLIND, QUOTED, NotAVote
from ratings.core import Verdict

EVENT = {"tstamp", "type"}
OF_VOTES, OF_CHATS = {"models", "states"}, {"model", "state"}
TYPES = {
    "leftvote": Verdict.A,
    "rightvote": Verdict.B,
    "tievote": Verdict.TIE,
    "bothbad_vote": Verdict.BOTH_BAD,
}
NO_NAMES = ("", "Model A", "Model B")
HEADINGS = ("### Model A: ", "### Model B: ", "<h3>Model A: ", "<h3>Model B: ")
FURTHER = "further votes on the same two conversations, which count once"


def is_log(columns: set[str]) -> bool:
    """A log may begin with many events that are no votes."""
    return columns >= EVENT and (columns >= OF_VOTES or columns >= OF_CHATS)


class FastChatTable(DerivedTable):
    """Has a winner for each vote."""

    needs = ("type", "models", "states", "ip", "tstamp")

    def __init__(self, table: Table) -> None:
        super().__init__(table)
        # Without a single blind vote it is the log of a server that always names its models.
        self._tells_blind = any(_is_blind(row) for _, row in self.rows())
        self._first: dict[str, int] = {}

    def read(self, number: int, row: Row) -> Said:
        kind = row["type"]
        if not isinstance(kind, str) or kind not in TYPES:
            raise NotAVote(f"log lines of type {QUOTED.repr(kind)}")
        if self._tells_blind and not _is_blind(row):
            raise NotAVote(BLIND.others)
        shown, states = row["models"], row["states"]
        if not (_is_pair(shown) and _is_pair(states)):
            raise UnusableRow("it lacks its two 'models' or its two 'states'")
        a, b = (_name(*side) for side in zip(states, shown, strict=True))
        if (key := _conversations(states)) and self._first.setdefault(key, number) != number:
            raise NotAVote(FURTHER)
        return Said(a, b, TYPES[kind])


def _is_blind(row: Row) -> bool:
    shown = row["models"]
    is_vote = isinstance(row["type"], str) and row["type"] in TYPES
    return is_vote and _is_pair(shown) and all(name in NO_NAMES for name in shown)


def _name(state: Any, shown: Any) -> str:
    name = (state.get("model_name") if isinstance(state, dict) else None) or shown
    if not isinstance(name, str) or not name:
        raise UnusableRow("it does not name its models")
    for heading in HEADINGS:
        name = name.removeprefix(heading)
    return name.strip().removesuffix("</h3>")


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2


def _conversations(states: list[Any]) -> str:
    ids = [state.get("conv_id") for state in states if isinstance(state, dict)]
    return ":".join(map(str, ids)) if len(ids) == 2 and all(ids) else ""
