"""What a snapshot knows of its board besides the ratings: what sentences and figures are made from.

Computed with the snapshot, stored with it as JSON, and sent by the API. Snapshots of older versions
lack some of it, those of newer ones have more: what is missing has its default, what is unknown is
ignored. Knows no Django.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from typing import Any, NamedTuple

Json = Mapping[str, Any]


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


@dataclass(frozen=True)
class Facts:
    """All of it. None, or empty, if it is not known.

    Attributes:
        months: first and last of a range of months.
        style: under style control.
        votes, flips: of publications of the overall board.
    """

    duel: Duel | None = None
    months: tuple[str, ...] = ()
    style: tuple[Worth, ...] = ()
    votes: VoteFacts | None = None
    flips: Flips | None = None

    @classmethod
    def parse(cls, data: Json) -> Facts:
        votes, flips = data.get("votes"), data.get("flips")
        return cls(
            duel=Duel(**_known(Duel, data)) if _has_all_of(Duel, data) else None,
            months=tuple(data.get("months", ())),
            style=tuple(Worth(**_known(Worth, each)) for each in data.get("style", ())),
            votes=_votes(votes) if votes else None,
            flips=_flips(flips) if flips else None,
        )

    def dump(self) -> dict[str, Any]:
        """As JSON takes it; the fields of the duel stand among the others."""
        data = asdict(self, dict_factory=_without_none)
        return {**data.pop("duel", {})} | {name: value for name, value in data.items() if value}


def _votes(data: Json) -> VoteFacts:
    pace = _known(Pace, data.get("pace", {}))
    pace["periods"] = tuple(Period(*period[:3]) for period in pace.get("periods", ()))
    agreement = _known(Agreement, data.get("agreement", {}))
    for name in {"nominal", "ordinal"} & agreement.keys():
        agreement[name] = Alpha(*agreement[name][:3])
    return VoteFacts(Pace(**pace), data.get("verdicts", {}), Agreement(**agreement))


def _flips(data: Json) -> Flips:
    pairs = tuple(Flip(*pair[:3]) for pair in data.get("pairs", ()))
    return Flips(**_known(Flips, data) | {"pairs": pairs})


def _known(kind: type, data: Json) -> dict[str, Any]:
    names = {each.name for each in fields(kind)}
    return {name: value for name, value in data.items() if name in names}


def _has_all_of(kind: type, data: Json) -> bool:
    return all(each.name in data for each in fields(kind) if each.default is MISSING)


def _without_none(items: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, value in items if value is not None}
