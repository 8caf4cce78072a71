from __future__ import annotations

from django.db import models

from .campaigns import Campaign
from .contestants import Contestant


class Push(models.Model):
    """A model that many voters push together, each with few votes, as the desk found it."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="pushes")
    contestant = models.ForeignKey(Contestant, on_delete=models.CASCADE, related_name="pushes")
    favours = models.BooleanField(help_text="else the votes are against it")
    since = models.DateTimeField(help_text="when the first of those voters came")
    strength = models.FloatField(help_text="in powers of ten, against all honest explanations")
    is_known = models.BooleanField(
        help_text="enough earlier voters voted on it; else nothing is held"
    )
    voters = models.PositiveIntegerField(help_text="who belong with a high probability")
    votes = models.PositiveIntegerField(help_text="of these voters")
    found = models.DateTimeField(auto_now_add=True)
    over = models.DateTimeField(null=True, help_text="when it was not found any more")

    class Meta:
        verbose_name_plural = "pushes"
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "contestant", "favours"],
                condition=models.Q(over=None),
                name="push_once",
            )
        ]

    def __str__(self) -> str:
        return f"votes {'for' if self.favours else 'against'} {self.contestant}"
