"""The battles whose voters could not tell which answer is better, for a file beside the votes. A
skip is no verdict: it counts for neither model, so no reader may take it for a vote."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from arena.models import Battle, Campaign

from .consent import CONSENTED
from .cursors import streamed
from .formats.evenhand import REVISION, TURNS, revision, turns
from .votes import AT_ONCE, exchanges, item_of, pseudonym

COLUMNS = {
    "id": str,
    "model_a": str,
    "model_b": str,
    "voter": str,
    "seconds": float,
    "early": bool,
    "at": datetime,
    "selection_probability": float,
    "policy": str,
    "item": str,
    "turns": TURNS,
    "revision_a": REVISION,
    "revision_b": REVISION,
}


def skipped(campaign: Campaign) -> QuerySet[Battle]:
    """Of voters who agreed to publication."""
    return Battle.objects.filter(CONSENTED, campaign=campaign, state=Battle.State.SKIPPED)


def rows(campaign: Campaign) -> Iterator[dict[str, Any]]:
    whole = (
        skipped(campaign)
        .order_by("pk")
        .select_related("contestant_a", "contestant_b", "judgement")
        .prefetch_related("turns__answers__revision")
    )
    return map(row, streamed(whole, AT_ONCE))


def row(battle: Battle) -> dict[str, Any]:
    sides = exchanges(battle)
    a, b = (revision(said[-1].said.revision) for said in sides.values())
    return {
        "id": pseudonym("battle", battle.pk),
        "model_a": battle.contestant_a.name,
        "model_b": battle.contestant_b.name,
        "voter": pseudonym("voter", battle.voter_id),
        "seconds": (battle.skipped - battle.created).total_seconds() if battle.skipped else None,
        "early": any(turn.stopped for turn in battle.turns.all()),
        "at": battle.skipped,
        "selection_probability": battle.selection_probability,
        "policy": battle.policy,
        "item": item_of(battle),
        "turns": turns(sides),
        "revision_a": a,
        "revision_b": b,
    }
