"""Deletes what the rules say, in bounded batches, or only counts it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models.deletion import ProtectedError

from ..transactions import retried
from .rules import RULES, Rule

BATCH = 200  # rows in memory, with their texts
AT_ONCE = 10  # batches of a rule in one run of the periodic task


@dataclass(frozen=True)
class Swept:
    rule: Rule
    rows: int


def due() -> list[Swept]:
    """How much each rule would delete now."""
    return [Swept(rule, rule.due().count()) for rule in RULES]


def sweep(most: int | None = AT_ONCE, told: Callable[[Swept], None] = lambda _: None) -> None:
    """Delete up to `most` batches by each rule; None for all that is due."""
    for rule in RULES:
        rows = batches = 0
        while (most is None or batches < most) and (done := _batch(rule)):
            rows, batches = rows + done, batches + 1
        told(Swept(rule, rows))


@retried
def _batch(rule: Rule) -> int:
    """Rows that somebody holds are left for the next time, and looked at again: what has got a vote
    meanwhile stays."""
    some = list(rule.due().values_list("pk", flat=True)[:BATCH])
    still = rule.due().filter(pk__in=some)
    held = list(still.select_for_update(skip_locked=True, of=("self",)))
    if rule.remove is not None:
        for row in held:
            rule.remove(row)
        return len(held)
    return _delete(rule, [row.pk for row in held])


def _delete(rule: Rule, keys: Iterable[object]) -> int:
    keys = list(keys)
    try:
        rule.due().model._default_manager.filter(pk__in=keys).delete()
    except ProtectedError as error:
        raise RuntimeError(f"The rule {rule.name!r} would delete what others need.") from error
    return len(keys)
