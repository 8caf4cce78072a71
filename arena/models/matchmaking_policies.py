from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from .campaigns import Campaign

ACTIVE, FLOOR = "active", 0.2


class MatchmakingPolicy(models.Model):
    """How a campaign draws its pairs, from the moment it was saved until the next one was. Frozen:
    every battle names the policy that drew it. See `arena.matchmaking.policies`."""

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, db_index=False, related_name="matchmaking"
    )
    number = models.PositiveIntegerField(default=1)
    strategy = models.CharField(max_length=20, default=ACTIVE)
    boost = models.FloatField(default=1.0, help_text="factor for each new contestant")
    boost_until = models.PositiveIntegerField(default=0, help_text="votes; it is new until then")
    weights = models.JSONField(
        default=dict, blank=True, help_text="factors other than 1, by the contestant's primary key"
    )
    excluded = models.JSONField(
        default=list, blank=True, help_text="pairs of primary keys that are never drawn"
    )
    floor = models.FloatField(
        default=FLOOR, help_text="smallest share of an even draw that every other pair keeps"
    )
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["campaign", "number"]
        verbose_name_plural = "matchmaking policies"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="policy_number_once"),
            models.CheckConstraint(
                condition=Q(floor__gt=0, floor__lte=1), name="policy_floor_is_a_share"
            ),
            models.CheckConstraint(condition=Q(boost__gte=1), name="policy_boosts"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign}: {self.label}"

    @property
    def label(self) -> str:
        """What a battle that it drew records."""
        return f"{self.strategy}-{self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise ValueError("A policy is frozen. Add a new one instead of changing it.")
        super().save(*args, **kwargs)
