from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from .campaigns import Campaign


class PairWeights(models.Model):
    """How informative a battle of each pair would be, as last computed by the ratings; matchmaking
    draws by these weights. See `arena.matchmaking.odds`."""

    campaign = models.OneToOneField(Campaign, on_delete=models.CASCADE, related_name="pair_weights")
    contestants = ArrayField(models.BigIntegerField(), help_text="primary keys")
    votes = ArrayField(models.BigIntegerField(), default=list, help_text="on each contestant")
    weights = models.BinaryField(help_text="of each with those behind it, two bytes a pair")
    computed = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "pair weights"

    def __str__(self) -> str:
        return f"{self.campaign}: {len(self.contestants)} contestants"
