"""Labels of battles in the database."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet, prefetch_related_objects

from . import tallies
from .labels import SOURCE, Labels, labels_of
from .models import Battle, BattleLabels, Campaign, Side

BATCH = 500


def read(battle: Battle) -> Labels:
    """Find the labels of a battle in its texts. This takes time: hold no lock meanwhile."""
    prefetch_related_objects([battle], "turns__answers")
    return labels_of(*texts_of(battle))


def keep(battle: Battle, labels: Labels) -> None:
    BattleLabels.objects.update_or_create(battle=battle, defaults=_fields(labels))


def _fields(labels: Labels) -> dict[str, Any]:
    return asdict(labels) | {"categories": [*labels.categories], "style": [*labels.style]}


def texts_of(battle: Battle) -> tuple[list[str], list[str], list[str]]:
    """Prompts, answers of A, answers of B."""
    turns = sorted(battle.turns.all(), key=lambda turn: turn.number)
    said: dict[str, list[str]] = {side: [] for side in Side.values}
    for turn in turns:
        for answer in turn.answers.all():
            said[answer.side].append(answer.text)
    return [turn.prompt for turn in turns], said[Side.A], said[Side.B]


def unlabelled(campaign: Campaign, *, every: bool = False) -> QuerySet[Battle]:
    """Battles with a vote whose labels are missing, or made by rules that have changed since; with
    `every`, also those of which a model has chosen the categories."""
    voted = Battle.objects.filter(campaign=campaign).exclude(vote=None)
    up_to_date = Q(labels__source=SOURCE)
    if not every:
        up_to_date |= Q(labels__source__endswith=f", {SOURCE}")
    return voted.exclude(up_to_date).select_related("vote").order_by("vote")


@transaction.atomic
def label_all(campaign: Campaign, progress: Callable[[float], None], *, every: bool = False) -> int:
    """Label by rules what is `unlabelled`, and count the slices of the campaign again, all or
    nothing. Returns how many battles were labelled; `progress` is called with the fraction done."""
    waiting = unlabelled(campaign, every=every)
    total, done = waiting.count(), 0
    battles = waiting.prefetch_related("turns__answers").iterator(chunk_size=BATCH)
    while batch := list(islice(battles, BATCH)):
        tallies.hold(battle.vote.pk for battle in batch)
        _keep_all(batch)
        done += len(batch)
        progress(done / max(total, done))
    tallies.recount_slices(campaign.pk)
    return done


def _keep_all(battles: Iterable[Battle]) -> None:
    rows = [
        BattleLabels(battle=battle, **_fields(labels_of(*texts_of(battle)))) for battle in battles
    ]
    BattleLabels.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["battle"],
        update_fields=["language", "categories", "length", "style", "source"],
    )
