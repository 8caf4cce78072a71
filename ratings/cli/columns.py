"""Which columns of a file hold what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ratings.cli.blocks import Table
from ratings.cli.errors import InputError
from ratings.cli.layouts import Layout, Standing, layout_of

# Columns with the answers, left and right; in our own export both are in one.
TURNS = "turns"
ANSWERS = (("response_a", "response_b"), ("conversation_a", "conversation_b"), (TURNS, TURNS))
# Columns with the time of a vote, with its voter, and with what was judged; the best first.
TIMES = ("tstamp", "timestamp", "at", "created_at")
VOTERS = (
    "judge", "judge_hash", "voter", "visitor_id", "evaluation_session_id", "worker", "ip",
    "user_id", "comparison_id",
)  # fmt: skip
ITEMS = ("item", "question_id", "conversation_pair_id", "prompt", "id")


@dataclass(frozen=True)
class Asked:
    """What to read of a vote besides models, winner and weight.

    Attributes:
        group, item: columns to keep as codes.
        style: count the style of the answers; when: read the time.
        strict: stop at the first row that cannot be used.
    """

    group: str | None = None
    item: str | None = None
    style: bool = False
    when: bool = False
    strict: bool = False


VOTES_ALONE = Asked()


def first_of(names: Sequence[str], columns: Iterable[str]) -> str | None:
    """The first of some names that a file has."""
    return next((name for name in names if name in columns), None)


@dataclass(frozen=True)
class Wanted:
    """Which columns to read; None for those not wanted."""

    layout: Layout
    standing: Standing | None
    group: str | None
    item: str | None
    weight: str | None
    when: str | None
    answers: tuple[str, ...]

    @classmethod
    def of(cls, table: Table, asked: Asked) -> "Wanted":
        """Find the columns in a file.

        Raises:
            InputError: names the column that is missing.
        """
        has = set(table.columns)
        layout = layout_of(has)
        wanted = cls(
            layout=layout,
            standing=layout.standing if layout.standing and layout.standing.column in has else None,
            group=asked.group,
            item=asked.item,
            weight=first_of(["weight"], has),
            when=(first_of(TIMES, has) or TIMES[0]) if asked.when else None,
            answers=_answers(table) if asked.style else (),
        )
        for column in wanted.columns:
            if column not in has:
                columns = ", ".join(table.columns)
                raise InputError(f"{table.file}: no column '{column}'; the file has {columns}.")
            if table.columns.count(column) > 1:
                raise InputError(f"{table.file}: two columns are called '{column}'.")
        return wanted

    @property
    def columns(self) -> list[str]:
        optional = [c for c in (self.group, self.item, self.weight, self.when) if c is not None]
        standing = [self.standing.column] if self.standing else []
        return list(dict.fromkeys([*self.layout.columns, *standing, *optional, *self.answers]))


def _answers(table: Table) -> tuple[str, ...]:
    for pair in ANSWERS:
        if set(pair) <= set(table.columns):
            return pair
    options = " or ".join(" and ".join(dict.fromkeys(pair)) for pair in ANSWERS)
    raise InputError(f"{table.file}: --style needs the answers in columns {options}.")
