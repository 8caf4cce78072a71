from __future__ import annotations

from dataclasses import dataclass

from inference.contract.requests import Endpoint
from inference.contract.spending import Spent, exhausted, spent_by

from ... import broker
from ...models import Contestant, Revision
from ...plurals import counted
from ...sites import path_of
from ..panel import Cell, Panel, Says, cells
from .models import page_of


@dataclass(frozen=True)
class Line:
    contestant: Contestant
    end: Endpoint
    spent: Spent

    @property
    def is_over(self) -> bool:
        return bool(exhausted(self.spent, self.end.daily_tokens, self.end.daily_usd))


class Spending(Panel):
    """What models behind an API have cost today, against their caps, by key."""

    name = "spending"
    subject = "Spending today (UTC)"
    permission = "arena.view_contestant"

    def look(self) -> Says | None:
        found = sorted(lines(), key=lambda line: line.end.key_variable)
        if not found:
            return None
        spent = f"${sum(line.spent.usd for line in found):,.2f} spent"
        over = [line for line in found if line.is_over]
        return Says(
            f"{spent}, {counted(len(over), 'cap')} used up" if over else spent,
            path_of("admin:arena_contestant_changelist") + "?runs=api&state__exact=ACTIVE",
            about="Counted until midnight UTC; answers under way count with all they may cost.",
            columns=("Key", "Contestant", "Dollars", "Tokens"),
            rows=[_row(line) for line in found],
            is_urgent=bool(over),
        )


def lines() -> list[Line]:
    """Of every active contestant behind an API."""
    newest = Revision.objects.filter(contestant__state=Contestant.State.ACTIVE).newest()
    remote = [(one, end) for one in newest.select_related("contestant") if (end := one.endpoint)]
    spent = spent_by(broker.connection(), [end.meter for _, end in remote])
    return [Line(one.contestant, end, sums) for (one, end), sums in zip(remote, spent, strict=True)]


def _row(line: Line) -> list[Cell]:
    return cells(
        line.end.key_variable or "no key",
        page_of(line.contestant),
        against(f"${line.spent.usd:,.2f}", line.end.daily_usd, "${:,.2f}"),
        against(f"{line.spent.tokens:,}", line.end.daily_tokens, "{:,}"),
    )


def against(spent: str, cap: float | None, form: str) -> str:
    return spent if cap is None else f"{spent} of {form.format(cap)}"
