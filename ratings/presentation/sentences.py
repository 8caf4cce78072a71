"""Numbers in words. No sentence claims more than the intervals allow."""

from __future__ import annotations

from collections.abc import Sequence

from arena.plurals import counted

from ..facts import Duel
from .lines import Line

WIDEST = "Where the exact interval of a gap is not stored, it is the widest that the scores allow."


def of_board(lines: Sequence[Line]) -> str:
    """Who leads, if anybody does."""
    rated = [line for line in lines if line.rated]
    if len(rated) < 2:
        return "There are not enough votes yet to rank any model."
    leaders = [line for line in rated if line.rating.rank_low == 1]
    if len(leaders) == len(rated):
        return "So far the votes do not separate the models: each may be first."
    if len(leaders) == 1:
        return f"{leaders[0].contestant.name} leads."
    return f"{len(leaders)} of {len(rated)} models may be first; the others are behind."


def of_duel(duel: Duel | None) -> str:
    """The best open model against the best closed one."""
    if duel is None:
        return ""
    ours, theirs = duel.open_name, duel.closed_name
    wins = share(duel.probability, duel.lower, duel.upper)
    if not (duel.closed_ahead or duel.open_ahead):
        return (
            f"The votes do not separate the best open model, {ours}, from the best closed one, "
            f"{theirs}: it would win {wins}."
        )
    word = "behind" if duel.closed_ahead else "ahead of"
    return f"The best open model, {ours}, is {word} the best closed one, {theirs}: it wins {wins}."


def share(middle: float, low: float, high: float) -> str:
    """A share of votes with its interval; with a decimal where the interval is narrow."""
    said = percents(middle, low, high)
    return f"{said[0]} of votes between them (95% interval {said[1]} to {said[2]})"


def percents(middle: float, low: float, high: float) -> list[str]:
    digits = 1 if high - low < 0.05 else 0
    return [f"{100 * value:.{digits}f}%" for value in (middle, low, high)]


def percent(value: float) -> str:
    return f"{100 * value:.0f}%"


def listed(names: Sequence[str]) -> str:
    """Such as: A, B and C."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def of_unknown(names: Sequence[str]) -> str:
    """The models on neither side of open against closed."""
    if not names:
        return ""
    if len(names) == 1:
        return f"One model of unknown access is left out: {names[0]}."
    some = listed([*names[:2], *([f"{len(names) - 2} more"] if len(names) > 2 else [])])
    return f"{len(names)} models of unknown access are left out: {some}."


def of_correlation(what: str, low: float, high: float, models: int) -> str:
    """A rank correlation with the score in words, as far as its interval allows."""
    among = counted(models, "model")
    if low > 0:
        exceptions = "few" if low > 0.6 else "many"
        return f"Higher scores go with more {what}, with {exceptions} exceptions: {among}."
    if high < 0:
        return f"Higher scores go with less {what}: {among}."
    return f"Over {among}, the score shows no clear relation to {what}."


def of_agreement(low: float, high: float) -> str:
    """Krippendorff's alpha in words, as far as its interval allows. He requires 0.8 for
    reliability."""
    voters = "Voters who see the same two answers"
    if low >= 0.8:
        return f"{voters} agree reliably."
    if low > 0:
        limit = ", but not reliably" if high < 0.8 else ""
        return f"{voters} agree more often than by chance{limit}."
    if high < 0:
        return f"{voters} agree less often than by chance."
    return f"{voters} may agree no more often than by chance."


Gap = tuple[float, float, float]  # in points, and its interval


def of_score(name: str, first: Gap, last: Gap) -> str:
    """How a model's score has changed since its first publication."""
    numbers = f"{first[0]:.0f} points at first, {last[0]:.0f} now"
    if last[1] > first[2]:
        return f"The score of {name} has risen: {numbers}."
    if last[2] < first[1]:
        return f"The score of {name} has fallen: {numbers}."
    return f"The score of {name} shows no change: {numbers}."


def of_course(first: Gap, last: Gap, since: str, until: str) -> str:
    """How the best open model's gap to the best closed one has changed."""
    numbers = f"{points(first[0])} points in {since}, {points(last[0])} in {until}"
    if last[1] > first[2]:
        return f"The best open model has gained on the best closed one: {numbers}."
    if last[2] < first[1]:
        return f"The best open model has lost ground to the best closed one: {numbers}."
    return f"The gap between the best open and the best closed model shows no change: {numbers}."


def points(gap: float) -> str:
    """With a sign, typeset with a real minus."""
    return f"{gap:+.0f}".replace("-", "−")


def of_slices(first: str, second: str, ahead: int, behind: int, of: int) -> str:
    """In how many slices one side is ahead, and in how many the other."""
    if not of:
        return "Nothing is known by category yet."
    if not (ahead or behind):
        return f"In none of {of} categories do the votes separate {first} from {second}."
    counts = [(name, count) for name, count in ((first, ahead), (second, behind)) if count]
    (leader, wins), *others = counts
    said = f"{leader} is ahead in {wins} of {of} categories"
    said += "".join(f", {name} in {count}" for name, count in others)
    rest = "; the votes do not separate them in the others" if ahead + behind < of else ""
    said = said.replace("the", "The", 1) if said.startswith("the ") else said
    return f"{said}{rest}."
