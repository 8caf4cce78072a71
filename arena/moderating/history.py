"""What was flagged lately, and how the policy came to be what it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from ..models import Flag, ModerationPolicy
from . import policy
from .categories import CATEGORIES

DAYS = 7
NEWEST = 50  # policies that are shown


@dataclass(frozen=True)
class Change:
    policy: ModerationPolicy
    changes: list[str]


def counts() -> dict[str, dict[str, Any]]:
    """By category: flags of the last days, and of them those sent all the same, and blocked."""
    recent = Flag.objects.filter(at__gte=timezone.now() - timedelta(days=DAYS)).order_by()
    rows = recent.values("category").annotate(
        flags=Count("pk"),
        proceeded=Count("pk", filter=Q(proceeded=True)),
        blocked=Count("pk", filter=Q(action="BLOCK")),
    )
    return {row["category"]: dict(row) for row in rows}


def changes() -> list[Change]:
    """The newest first."""
    some = list(ModerationPolicy.objects.select_related("by")[:NEWEST])
    before = [*some[1:], _before(some)]
    return [Change(one, _between(old, one)) for one, old in zip(some, before, strict=False) if old]


def _before(some: list[ModerationPolicy]) -> ModerationPolicy | None:
    """What held before the oldest of them: the usual, if it is the first of all."""
    if not some:
        return None
    older = ModerationPolicy.objects.filter(pk__lt=some[-1].pk).first()
    return older or ModerationPolicy()


def _between(old: ModerationPolicy, new: ModerationPolicy) -> list[str]:
    was, now = policy.actions(old), policy.actions(new)
    return [
        f"{CATEGORIES[name].title}: {was[name].label} → {now[name].label}"
        for name in CATEGORIES
        if was[name] is not now[name]
    ]
