"""Which columns of a file hold what."""

from dataclasses import dataclass

from ratings.cli.errors import InputError
from ratings.cli.tables import Table
from ratings.core import Verdict

TIES = {"tie": Verdict.TIE, "tie (bothbad)": Verdict.BOTH_BAD, "both_bad": Verdict.BOTH_BAD}
# Columns with the names of the models, and how each names the winner; the second is LLMFAO's.
LAYOUTS = {
    ("model_a", "model_b"): {"model_a": Verdict.A, "model_b": Verdict.B, **TIES},
    ("left", "right"): {"left": Verdict.A, "right": Verdict.B, **TIES},
}
# Columns with the answers, left and right.
ANSWERS = (("response_a", "response_b"), ("conversation_a", "conversation_b"))
# Columns with the time of a vote.
TIMES = ("tstamp", "timestamp")


@dataclass(frozen=True)
class Asked:
    """What to read of a vote besides models, winner and weight.

    Attributes:
        group, item: columns to keep as codes.
        style: count the style of the answers; when: read the time.
    """

    group: str | None = None
    item: str | None = None
    style: bool = False
    when: bool = False


VOTES_ALONE = Asked()


@dataclass(frozen=True)
class Wanted:
    """Which columns to read besides the winner; None for those not wanted."""

    sides: tuple[str, str]
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
        wanted = cls(
            sides=next((pair for pair in LAYOUTS if set(pair) <= has), next(iter(LAYOUTS))),
            group=asked.group,
            item=asked.item,
            weight="weight" if "weight" in has else None,
            when=next((name for name in TIMES if name in has), TIMES[0]) if asked.when else None,
            answers=_answers(table) if asked.style else (),
        )
        for column in wanted.columns:
            if column not in has:
                columns = ", ".join(table.columns)
                raise InputError(f"{table.path}: no column '{column}'; the file has {columns}.")
            if table.columns.count(column) > 1:
                raise InputError(f"{table.path}: two columns are called '{column}'.")
        return wanted

    @property
    def columns(self) -> list[str]:
        optional = [c for c in (self.group, self.item, self.weight, self.when) if c is not None]
        return list(dict.fromkeys([*self.sides, "winner", *optional, *self.answers]))

    @property
    def winners(self) -> dict[str, Verdict]:
        """Values of the winner column."""
        return LAYOUTS[self.sides]


def _answers(table: Table) -> tuple[str, ...]:
    for pair in ANSWERS:
        if set(pair) <= set(table.columns):
            return pair
    options = " or ".join(" and ".join(pair) for pair in ANSWERS)
    raise InputError(f"{table.path}: --style needs the answers in columns {options}.")
