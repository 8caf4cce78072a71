"""What a reader may look for among models that are good enough: price, speed, size."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from arena.plurals import dollars, local

from ..presentation.lines import Line

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


class Criterion(NamedTuple):
    """What a reader may look for among models that are good enough; the least is the best."""

    name: str  # in the API
    title: StrPromise
    challenge: StrPromise
    unknown: StrPromise
    of: Callable[[Line], float | None]
    words: Callable[[Line], str]


def _priced(line: Line) -> str:
    said = _("%(price)s per million output tokens") % {"price": dollars(line.price or 0.0)}
    if line.cost is None:
        return said
    return _("%(price)s, %(cost)s per 1,000 answers here") % {
        "price": said,
        "cost": dollars(line.cost.value),
    }


CRITERIA = (
    Criterion(
        "cheapest",
        gettext_lazy("Cheapest"),
        gettext_lazy("%(model)s (%(value)s) would be the cheapest"),
        gettext_lazy("price"),
        lambda line: line.price,
        _priced,
    ),
    Criterion(
        "fastest",
        gettext_lazy("Fastest"),
        gettext_lazy("%(model)s (%(value)s) would be the fastest"),
        gettext_lazy("response time"),
        lambda line: line.response_s,
        lambda line: (
            _("%(seconds)s s for a whole answer, the median here")
            % {"seconds": local(f"{line.response_s or 0.0:.1f}")}
        ),
    ),
    Criterion(
        "smallest",
        gettext_lazy("Smallest"),
        gettext_lazy("%(model)s (%(value)s) would be the smallest"),
        gettext_lazy("size"),
        lambda line: line.contestant.parameters,
        lambda line: _("%(size)s parameters") % {"size": line.size},
    ),
)
