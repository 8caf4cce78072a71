from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from .battles import Battle


class BattleLabels(models.Model):
    """The labels of a battle's texts (`arena.labels`), computed when its vote is cast."""

    battle = models.OneToOneField(
        Battle, on_delete=models.CASCADE, primary_key=True, related_name="labels"
    )
    language = models.CharField(max_length=10, blank=True, help_text="code; empty when unsure")
    categories = ArrayField(models.CharField(max_length=40), default=list)
    length = models.CharField(max_length=6, blank=True, help_text="of all prompts together")
    style = ArrayField(
        models.PositiveIntegerField(),
        default=list,
        help_text="words, headers, list items and bold spans of side A, then of B",
    )
    source = models.CharField(max_length=160, help_text="where they come from: rules, or a model")

    class Meta:
        verbose_name_plural = "battle labels"
        indexes = [
            models.Index(fields=["source"], name="labels_of_a_source"),
            models.Index(fields=["language"], name="labels_of_a_language"),
            GinIndex(fields=["categories"], name="labels_of_a_category"),
        ]

    def __str__(self) -> str:
        return f"labels of {self.battle}"
