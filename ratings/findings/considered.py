"""Which models of a board are considered when one is to be chosen, and which are not, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from ..presentation.lines import Line
from ..presentation.sentences import listed, more
from ..presentation.wishes import Wishes

MOST_NAMED = 20


class LeftOut(NamedTuple):
    why: str
    models: Sequence[str]

    @property
    def names(self) -> str:
        return named(self.models)


def sound(lines: Iterable[Line], left_out: dict[str, list[str]]) -> Iterator[Line]:
    """Models that may be recommended, or be the best."""
    for line in lines:
        if not line.rated:
            _leave(left_out, _("without a score yet"), line)
        elif line.contestant.stands_in_for:
            _leave(left_out, _("stand-ins for other models"), line)
        elif line.provisional:
            _leave(left_out, _("provisional, so they may be far better or worse"), line)
        else:
            yield line


def fitting(
    lines: Iterable[Line], wishes: Wishes, left_out: dict[str, list[str]]
) -> Iterator[Line]:
    for line in lines:
        met = [(need, need.is_met(line)) for need in wishes.needs]
        if any(is_met is False for _need, is_met in met):
            continue
        unknown = [str(need.unknown) for need, is_met in met if is_met is None]
        if not unknown:
            yield line
            continue
        _leave(left_out, _("not known: %(what)s") % {"what": listed(unknown)}, line)


def _leave(left_out: dict[str, list[str]], why: str, line: Line) -> None:
    left_out.setdefault(why, []).append(line.contestant.name)


def named(names: Sequence[str]) -> str:
    return listed(more(names, MOST_NAMED))
