from __future__ import annotations

from django.db import models

from .campaigns import Campaign


class PairWeights(models.Model):
    """How much a battle of each pair would tell, as the ratings last wrote it down: matchmaking
    draws by it."""

    campaign = models.OneToOneField(Campaign, on_delete=models.CASCADE, related_name="pair_weights")
    weights = models.JSONField(
        default=dict, help_text="by the contestants' primary keys, lower first, such as “3-7”"
    )
    computed = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "pair weights"

    def __str__(self) -> str:
        return f"{self.campaign}: {len(self.weights)} pairs"

    @staticmethod
    def key(one: int, other: int) -> str:
        return f"{min(one, other)}-{max(one, other)}"
