"""How files name models and verdicts: the releases of Chatbot Arena, LLMFAO, compar:IA, our own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from reprlib import Repr
from typing import Any

from ratings.core import Verdict

TIES = {"tie": Verdict.TIE, "tie (bothbad)": Verdict.BOTH_BAD, "both_bad": Verdict.BOTH_BAD}
OURS = {verdict.name: verdict for verdict in Verdict}
ONE_HOT = {
    "winner_model_a": Verdict.A,
    "winner_model_b": Verdict.B,
    "winner_tie": Verdict.TIE,
}
# As files write what is true: JSON, CSV, pandas in a column with gaps.
TRUE = (True, 1, "True", "true", "1", "1.0")
FALSE = (False, 0, "False", "false", "0", "0.0")

QUOTED = Repr()  # values in messages: in a damaged file they are long
QUOTED.maxstring = QUOTED.maxother = 80

# The column of verdicts that `ratings.cli.derived` adds.
SAID = "(said)"
# Of compar:IA's reactions: the column of verdicts that we add, and what rows say that are no votes.
THUMBS = "(thumbs)"
WITHOUT_THUMB = "reactions without a thumb"
SECOND_THUMB = "further thumbs for the same two answers, which count once"


class NotAVote(Exception):
    """A sound row that is no vote; the message says what it is."""


@dataclass(frozen=True)
class Standing:
    """A column that says which rows count, and what the others are."""

    column: str
    counts: Callable[[Any], bool]
    others: str


BLIND = Standing(
    "anony", lambda value: value not in FALSE, "votes on models whose names were shown"
)
COUNTED = Standing(
    "standing", lambda value: value == "COUNTED", "votes that the arena does not count"
)
INCLUDED = Standing(
    "excluded", lambda value: value not in TRUE, "turns that compar:IA leaves out of its data"
)


@dataclass(frozen=True)
class Layout:
    """How one kind of file says who won.

    Attributes:
        sides: columns with the names of the models; verdict: columns that say who won.
        read: the verdict of one row by the latter. Raises KeyError, ValueError or TypeError where
            it has none, NotAVote.
        allowed: the values that `read` knows, in words.
        standing: which rows count, if the file says so.
    """

    sides: tuple[str, str]
    verdict: tuple[str, ...]
    read: Callable[..., Verdict]
    allowed: str
    standing: Standing | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.sides, *self.verdict)

    def fault(self, *values: Any) -> str:
        """What is wrong with a row."""
        if len(self.verdict) > 1:
            return self.allowed
        return f"{self.verdict[0]} {QUOTED.repr(values[0])} is not one of {self.allowed}"


def in_words(
    sides: tuple[str, str],
    column: str,
    words: Mapping[str, Verdict],
    standing: Standing | None = None,
) -> Layout:
    return Layout(sides, (column,), words.__getitem__, ", ".join(words), standing)


def one_hot(*flags: Any) -> Verdict:
    """Arena-55k has a column for each verdict, but none for "both bad"."""
    (verdict,) = (
        verdict for flag, verdict in zip(flags, ONE_HOT.values(), strict=True) if flag in TRUE
    )
    return verdict


def chosen(name: str | None, both_equal: Any, first: str, second: str) -> Verdict:
    """compar:IA names the better model; `both_equal` is both good and both bad."""
    if name:
        return {first: Verdict.A, second: Verdict.B}[name]
    if both_equal in TRUE:
        return Verdict.TIE
    raise NotAVote("conversations without a vote")


def thumbs(said: str) -> Verdict:
    """The verdict of a turn, by `ratings.cli.reactions`."""
    if said in (WITHOUT_THUMB, SECOND_THUMB):
        raise NotAVote(said)
    return {"a": Verdict.A, "b": Verdict.B, **TIES}[said]


CHOICES = {
    "a_better": Verdict.A,
    "b_better": Verdict.B,
    "both_good": Verdict.TIE,
    "both_bad": Verdict.BOTH_BAD,
}


def choice(said: Any) -> Verdict:
    """compar:IA's new export has a row per turn, whether somebody voted on it or not."""
    if said in (None, "", "idk") or isinstance(said, float):  # NaN
        raise NotAVote("turns without a verdict")
    return CHOICES[said]


def told(said: Verdict | NotAVote) -> Verdict:
    """The verdict by `ratings.cli.derived`."""
    if isinstance(said, NotAVote):
        raise said
    return said


MODELS = ("model_a", "model_b")
NAMES = ("model_a_name", "model_b_name")
# The first whose columns a file has; a file of none is told what it lacks of the first.
LAYOUTS = (
    in_words(MODELS, "winner", {"model_a": Verdict.A, "model_b": Verdict.B, **TIES}, BLIND),
    in_words(("left", "right"), "winner", {"left": Verdict.A, "right": Verdict.B, **TIES}),
    in_words(MODELS, "verdict", OURS, COUNTED),
    Layout(MODELS, tuple(ONE_HOT), one_hot, f"exactly one of {', '.join(ONE_HOT)} must be 1"),
    Layout(
        NAMES,
        ("chosen_model_name", "both_equal", *NAMES),
        chosen,
        "chosen_model_name is neither of the two models",
    ),
    Layout(NAMES, (THUMBS,), thumbs, "a, b, tie, both_bad"),
    Layout(MODELS, ("choice",), choice, f"{', '.join(CHOICES)}, idk", INCLUDED),
    Layout(MODELS, (SAID,), told, "a verdict"),
)


def layout_of(columns: set[str]) -> Layout:
    return next((one for one in LAYOUTS if {*one.columns} <= columns), LAYOUTS[0])
