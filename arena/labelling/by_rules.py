"""Labels battles in the database by rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from django.db.models import Q, QuerySet, prefetch_related_objects

from ..counting import tallies
from ..labels import SOURCE, Labels, labels_of
from ..models import Battle, BattleLabels, Campaign, Side, Vote

BATCH = 500


def read(battle: Battle, last: Mapping[Side, str] | None = None) -> Labels:
    """Compute the labels of a battle from its texts; `last` holds those of its last turn where they
    are not stored yet. Slow, so hold no locks when calling this."""
    prefetch_related_objects([battle], "turns__answers")
    prompts, a, b = texts_of(battle)
    if last:
        a[-1], b[-1] = last[Side.A], last[Side.B]
    return labels_of(prompts, a, b)


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
    """Battles with a vote whose labels are missing or stale, because the rules have changed; with
    `every`, also those whose categories a model has chosen. Those whose voter had the texts deleted
    keep the labels they had."""
    voted = Battle.objects.filter(campaign=campaign, voter__forgotten=None).exclude(vote=None)
    up_to_date = Q(labels__source=SOURCE)
    if not every:
        up_to_date |= Q(labels__source__endswith=f", {SOURCE}")
    return voted.exclude(up_to_date).select_related("vote").order_by("vote__pk")


def label_all(campaign: Campaign, progress: Callable[[float], None], *, every: bool = False) -> int:
    """Label all `unlabelled` battles by rules, in batches; labels and tallies of a batch change in
    one transaction. Then recount the slices of the campaign, for votes older than slices. Returns
    how many battles were labelled; `progress` is called with the fraction done."""
    newest = Vote.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    done = 0
    for votes in _all_votes():
        waiting = list(unlabelled(campaign, every=every).filter(pk__in=list(votes.values())))
        if waiting:
            prefetch_related_objects(waiting, "turns__answers")
            rows = [_row(battle) for battle in waiting]  # slow, so before any lock is taken
            with tallies.following(campaign.pk, [battle.vote.pk for battle in waiting]):
                _keep_all(rows)
        done += len(waiting)
        progress(min(1.0, max(votes) / newest))
    tallies.recount_slices(campaign.pk)
    return done


def _all_votes() -> Iterator[dict[int, int]]:
    """Votes and their battles by primary key, in batches. Each batch starts after the last key:
    PostgreSQL may plan a cursor over a join for the first rows only, which is slow for all."""
    last = 0
    while batch := dict(
        Vote.objects.filter(pk__gt=last).order_by("pk").values_list("pk", "battle")[:BATCH]
    ):
        yield batch
        last = max(batch)


def _row(battle: Battle) -> BattleLabels:
    return BattleLabels(battle=battle, **_fields(labels_of(*texts_of(battle))))


def _keep_all(rows: Iterable[BattleLabels]) -> None:
    BattleLabels.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["battle"],
        update_fields=["language", "categories", "length", "style", "source"],
    )
