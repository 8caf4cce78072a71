"""The log of FastChat's arena server, which has votes among other events."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TypeGuard

from arena.models import Verdict

from .. import fields
from ..characters import quoted
from ..encoding import Broken
from ..errors import BadRow, NotAVote
from ..files import Row, rows
from ..intake import Intake
from ..votes import ReadVote

TYPES = {
    "leftvote": Verdict.A.value,
    "rightvote": Verdict.B.value,
    "tievote": Verdict.TIE.value,
    "bothbad_vote": Verdict.BOTH_BAD.value,
}
# What `models`, which is what the page shows above the answers, has before the names are shown.
NO_NAMES = ("", "Model A", "Model B")
# How it has them after the first vote on a pair: further votes are not blind.
HEADINGS = ("### Model A: ", "### Model B: ", "<h3>Model A: ", "<h3>Model B: ")


def bring(path: Path, intake: Intake) -> None:
    """FastChat logs votes on models that people had chosen themselves to the same file, and votes
    after the names were told; only blind votes have no names in `models`. A log without any comes
    from a server that always names its models, so all its votes are taken."""
    lines = (row for _, row in rows(path, lambda done: None))
    tells_blind = any(not isinstance(row, Broken) and is_blind(row) for row in lines)
    intake.take_rows(path, partial(vote, tells_blind=tells_blind))


def vote(row: Row, *, tells_blind: bool) -> ReadVote:
    kind = row.get("type")
    if not isinstance(kind, str) or kind not in TYPES:
        raise NotAVote(f"log lines of type {quoted(kind)}")
    if tells_blind and not is_blind(row):
        raise NotAVote("votes on models whose names were shown")
    model_a, model_b = models(row)
    return ReadVote(
        model_a=model_a,
        model_b=model_b,
        verdict=TYPES[kind],
        key=conversations(row),
        voter=fields.pseudonym(fields.optional(row, "ip")),
        at=fields.time(row, "tstamp"),
    )


def is_blind(row: Row) -> bool:
    shown = row.get("models")
    if row.get("type") not in [*TYPES] or not is_pair(shown):
        return False
    return all(name in NO_NAMES for name in shown)


def models(row: Row) -> tuple[str, str]:
    """The names, from the conversations or otherwise from `models`."""
    shown, states = row.get("models"), row.get("states")
    if not (is_pair(shown) and is_pair(states)):
        raise BadRow("it lacks its two 'models' or its two 'states'")
    return name_of(states[0], shown[0]), name_of(states[1], shown[1])


def name_of(state: object, shown: object) -> str:
    name = state.get("model_name") if isinstance(state, dict) else None
    name = name or shown
    if not isinstance(name, str) or not name:
        raise BadRow("it does not name its models")
    for heading in HEADINGS:
        name = name.removeprefix(heading)
    return name.strip().removesuffix("</h3>")


def is_pair(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list) and len(value) == 2


def conversations(row: Row) -> str:
    """A key for the battle, if the log has one."""
    ids = [fields.optional(state, "conv_id") for state in row["states"] if isinstance(state, dict)]
    return ":".join(ids) if len(ids) == 2 and all(ids) else ""
