"""Labels of battles in the database."""

from __future__ import annotations

from dataclasses import asdict

from .labels import Labels, labels_of
from .models import Battle, BattleLabels, Side, Vote


def label(battle: Battle) -> Labels:
    """Find the labels of a battle in its texts and keep them."""
    found = labels_of(*texts_of(battle))
    keep(battle, found)
    return found


def keep(battle: Battle, labels: Labels) -> None:
    fields = asdict(labels) | {"categories": [*labels.categories], "style": [*labels.style]}
    BattleLabels.objects.update_or_create(battle=battle, defaults=fields)


def texts_of(battle: Battle) -> tuple[list[str], list[str], list[str]]:
    """Prompts, answers of A, answers of B."""
    turns = battle.turns.order_by("number").prefetch_related("answers")
    said: dict[str, list[str]] = {side: [] for side in Side.values}
    for turn in turns:
        for answer in turn.answers.all():
            said[answer.side].append(answer.text)
    return [turn.prompt for turn in turns], said[Side.A], said[Side.B]


def slices_of(vote: Vote) -> list[str]:
    """Slices of the leaderboard that a vote counts in; without labels, overall and its month."""
    stored = BattleLabels.objects.filter(battle=vote.battle_id).first()
    if stored is None:
        return Labels().slices(vote.created)
    labels = Labels(stored.language, tuple(stored.categories), stored.length)
    return labels.slices(vote.created)
