from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from .battles import Battle


class BattleWords(models.Model):
    """The words of a battle's prompts and answers, for the admin's search.

    The database keeps them up to date by triggers (migration 0041), so that no writer of texts can
    forget them, and deleted texts are gone from here too. Decision 28 says why.
    """

    battle = models.OneToOneField(
        Battle, on_delete=models.CASCADE, primary_key=True, related_name="words"
    )
    words = SearchVectorField()

    class Meta:
        verbose_name_plural = "battle words"
        indexes = [GinIndex(fields=["words"], name="words_of_battles")]

    def __str__(self) -> str:
        return f"words of {self.battle}"
