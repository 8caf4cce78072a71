"""What a snapshot knows of its board besides the ratings: what sentences and figures are made from.

Computed with the snapshot, stored with it as JSON, and sent by the API. Snapshots of older versions
lack some of it, those of newer ones have more: what is missing, null or of another shape has its
default, what is unknown is ignored. Knows no Django.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, field, fields
from types import NoneType
from typing import Any, NamedTuple, TypeVar

Json = Mapping[str, Any]
T = TypeVar("T")


@dataclass(frozen=True)
class Duel:
    """The best open model against the best closed one.

    Attributes:
        open, closed: their slugs.
        gap: score of the open one minus that of the closed one, with its pointwise interval.
        probability: that the open one wins, with its pointwise interval.
        open_ahead, closed_ahead: by intervals that hold for all pairs at once, as these two were
            not chosen beforehand.
    """

    open: str
    open_name: str
    closed: str
    closed_name: str
    gap: float
    gap_lower: float
    gap_upper: float
    probability: float
    lower: float
    upper: float
    open_ahead: bool = False
    closed_ahead: bool = False


@dataclass(frozen=True)
class Worth:
    """Effect of a feature of style on voters: points of score for a typical difference between two
    answers (the root mean square of the differences), with its 95% interval."""

    name: str
    points: float
    lower: float
    upper: float

    @property
    def matters(self) -> bool:
        return self.lower > 0 or self.upper < 0


class Voters(NamedTuple):
    """Whose votes intervals take together: how many, and how many equally active ones they count
    as."""

    number: int
    effective: float


class Period(NamedTuple):
    """A day, week or month, by its first day, and the votes cast here and imported in it."""

    start: str
    cast: int
    brought: int


@dataclass(frozen=True)
class Pace:
    """Votes over time; `undated` ones came without a date that can be right."""

    unit: str = "day"
    periods: tuple[Period, ...] = ()
    undated: int = 0


class Alpha(NamedTuple):
    """Krippendorff's alpha with its interval; None where it could not be measured."""

    value: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True)
class Agreement:
    """Of voters on the same two answers: numbers of items that two voters judged and of judgements
    of these, and alpha by distance; None with too few items."""

    items: int = 0
    judgements: int = 0
    nominal: Alpha | None = None
    ordinal: Alpha | None = None


@dataclass(frozen=True)
class VoteFacts:
    """Facts about the single votes of a campaign; `verdicts` counts them by verdict."""

    pace: Pace = Pace()
    verdicts: Mapping[str, int] = field(default_factory=dict)
    agreement: Agreement = Agreement()


class Flip(NamedTuple):
    """Neighbours on the board, by name, and the votes that hold their order; None if the search
    found no number."""

    above: str
    below: str
    votes: int | None


@dataclass(frozen=True)
class Flips:
    """Votes to flip, best models first, of how many votes; `models` only where these were too many
    to count any."""

    votes: int = 0
    pairs: tuple[Flip, ...] = ()
    models: int | None = None


class Places(NamedTuple):
    """A week or month, by its first day, and how many there were in it by name: places in battles
    that got a vote, two per vote, by organisation; or votes left out, by reason."""

    start: str
    by: Mapping[str, int]


@dataclass(frozen=True)
class Shares:
    """Places in battles over time."""

    unit: str = "week"
    periods: tuple[Places, ...] = ()


class Decision(NamedTuple):
    """On a day, this many votes got another standing, for this reason."""

    day: str
    after: str
    reason: str
    votes: int


@dataclass(frozen=True)
class Integrity:
    """Votes that do not count, by the month they were cast in and by reason; the newest decisions;
    and what became of votes that were ever held as suspected."""

    months: tuple[Places, ...] = ()
    log: tuple[Decision, ...] = ()
    held: int = 0
    cleared: int = 0
    convicted: int = 0


@dataclass(frozen=True)
class Facts:
    """All of it. None, or empty, if it is not known.

    Attributes:
        months: first and last of a range of months.
        style: under style control.
        voters: None if intervals take all votes as independent.
        votes, flips, shares, integrity: of publications of the overall board.
    """

    duel: Duel | None = None
    months: tuple[str, ...] = ()
    style: tuple[Worth, ...] = ()
    voters: Voters | None = None
    votes: VoteFacts | None = None
    flips: Flips | None = None
    shares: Shares | None = None
    integrity: Integrity | None = None

    @classmethod
    def parse(cls, data: Any) -> Facts:
        if not isinstance(data, Mapping):
            return cls()
        return cls(
            duel=_if_right(_duel, data),
            months=_if_right(_months, data.get("months")) or (),
            style=_each(_worth, data.get("style")),
            voters=_if_right(_voters, data.get("voters")),
            votes=_if_right(_votes, data.get("votes")),
            flips=_if_right(_flips, data.get("flips")),
            shares=_if_right(_shares, data.get("shares")),
            integrity=_if_right(_integrity, data.get("integrity")),
        )

    def dump(self) -> dict[str, Any]:
        """As JSON takes it; the fields of the duel stand among the others."""
        data = asdict(self, dict_factory=_without_none)
        return {**data.pop("duel", {})} | {name: value for name, value in data.items() if value}


def _if_right(part: Callable[[Any], T], data: Any) -> T | None:
    """A part of the facts; None if it is missing or of another shape. One odd row must not break
    every query of its table."""
    try:
        return part(data) if data else None
    except (TypeError, ValueError, AttributeError, LookupError):
        return None


def _each(part: Callable[[Any], T], data: Any) -> tuple[T, ...]:
    """Those members of a list that have the right shape."""
    found = (_if_right(part, each) for each in (data if isinstance(data, list | tuple) else ()))
    return tuple(each for each in found if each is not None)


def _duel(data: Json) -> Duel | None:
    names, known = ("open", "open_name", "closed", "closed_name"), _known(Duel, data)
    if any(name not in known for name in _needed(Duel)):
        return None
    _check(str, *(known[name] for name in names))
    _check((int, float), *(known[name] for name in _needed(Duel) if name not in names))
    return Duel(**known)


def _months(data: Any) -> tuple[str, ...]:
    _check((list, tuple), data)
    _check(str, *data)
    return tuple(data)


def _worth(data: Json) -> Worth:
    found = Worth(**_known(Worth, data))
    _check(str, found.name)
    _check((int, float), found.points, found.lower, found.upper)
    return found


def _voters(data: Sequence[Any]) -> Voters:
    found = Voters(*data[:2])
    _check(int, found.number)
    _check((int, float), found.effective)
    return found


def _votes(data: Json) -> VoteFacts:
    return VoteFacts(
        _if_right(_pace, data.get("pace")) or Pace(),
        _if_right(_verdicts, data.get("verdicts")) or {},
        _if_right(_agreement, data.get("agreement")) or Agreement(),
    )


def _pace(data: Json) -> Pace:
    known = _known(Pace, data)
    found = Pace(**known | {"periods": _each(_period, known.get("periods"))})
    _check(str, found.unit)
    _check(int, found.undated)
    return found


def _period(data: Sequence[Any]) -> Period:
    found = Period(*data[:3])
    _check(str, found.start)
    _check(int, found.cast, found.brought)
    return found


def _verdicts(data: Json) -> dict[str, int]:
    _check(int, *data.values())
    return dict(data)


def _agreement(data: Json) -> Agreement:
    alphas = {name: _if_right(_alpha, data.get(name)) for name in ("nominal", "ordinal")}
    found = Agreement(**_known(Agreement, data) | alphas)
    _check(int, found.items, found.judgements)
    return found


def _alpha(data: Sequence[Any]) -> Alpha:
    found = Alpha(*data[:3])
    _check((int, float, NoneType), *found)
    return found


def _flips(data: Json) -> Flips:
    found = Flips(**_known(Flips, data) | {"pairs": _each(_flip, data.get("pairs"))})
    _check(int, found.votes)
    _check((int, NoneType), found.models)
    return found


def _flip(data: Sequence[Any]) -> Flip:
    found = Flip(*data[:3])
    _check(str, found.above, found.below)
    _check((int, NoneType), found.votes)
    return found


def _shares(data: Json) -> Shares:
    found = Shares(**_known(Shares, data) | {"periods": _each(_places, data.get("periods"))})
    _check(str, found.unit)
    return found


def _places(data: Sequence[Any]) -> Places:
    found = Places(data[0], dict(data[1]))
    _check(str, found.start, *found.by)
    _check(int, *found.by.values())
    return found


def _integrity(data: Json) -> Integrity:
    parts = {
        "months": _each(_places, data.get("months")),
        "log": _each(_decision, data.get("log")),
    }
    found = Integrity(**_known(Integrity, data) | parts)
    _check(int, found.held, found.cleared, found.convicted)
    return found


def _decision(data: Sequence[Any]) -> Decision:
    found = Decision(*data[:4])
    _check(str, found.day, found.after, found.reason)
    _check(int, found.votes)
    return found


def _check(kind: type | tuple[type, ...], *values: Any) -> None:
    """Raises TypeError."""
    if not all(isinstance(value, kind) for value in values):
        raise TypeError(f"One of {values} is not of {kind}.")


def _known(kind: type, data: Json) -> dict[str, Any]:
    """What is null counts as missing."""
    names = {each.name for each in fields(kind)}
    return {name: value for name, value in data.items() if name in names and value is not None}


def _needed(kind: type) -> list[str]:
    return [each.name for each in fields(kind) if each.default is MISSING]


def _without_none(items: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, value in items if value is not None}
