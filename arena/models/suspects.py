from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from .campaigns import Campaign
from .votes import Voter

# Those whom other votes, held or counted again, may bring over the threshold.
NEAR = Q(score__gte=0.0)


class Suspect(models.Model):
    """What the desk knows of a voter in a campaign: how suspicious the votes are, and why.

    Most have done nothing wrong: there is a row for everybody whose votes were weighed.
    """

    voter = models.ForeignKey(
        Voter, on_delete=models.CASCADE, related_name="suspicions", db_index=False
    )
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="suspects")
    score = models.FloatField(help_text="in powers of ten")
    corroborated = models.BooleanField(help_text="by a second rule")
    reasons = models.JSONField(help_text="what each rule adds to the score, and why")
    leanings = models.JSONField(help_text="contestants that the votes lean to, or away from")
    stands_out = ArrayField(
        models.CharField(max_length=24), default=list, help_text="leanings too strong for chance"
    )
    keys = ArrayField(
        models.BigIntegerField(), default=list, help_text="of the prompts; not their text"
    )
    votes = models.PositiveIntegerField(help_text="that were weighed")
    first = models.DateTimeField(help_text="when the first of them was cast")
    through = models.BigIntegerField(help_text="the newest vote that was weighed")
    forgiven = models.BigIntegerField(
        default=0,
        help_text="the newest vote that a moderator counted again: none before is weighed",
    )
    belongs = models.FloatField(
        db_default=0.0,
        help_text="probability to be one of those who push a model together; 0 if it is low",
    )
    held = models.DateTimeField(null=True, help_text="since when the votes are held")
    weighed = models.DateTimeField(auto_now=True, help_text="with new votes")
    looked = models.DateTimeField(
        db_default=Now(), help_text="when the arena was read that they were last weighed against"
    )

    class Meta:
        verbose_name = "suspected voter"
        constraints = [models.UniqueConstraint(fields=["voter", "campaign"], name="suspect_once")]
        indexes = [
            models.Index(fields=["score", "id"], name="suspects_by_score"),
            models.Index(fields=["campaign", "first"], name="suspects_by_time"),
            models.Index(
                fields=["-held", "id"], name="suspects_held", condition=Q(held__isnull=False)
            ),
            models.Index(
                fields=["looked"], name="suspects_near", condition=Q(held__isnull=False) | NEAR
            ),
            GinIndex(fields=["keys"], name="suspects_by_prompt"),
        ]

    def __str__(self) -> str:
        return f"voter {self.voter_id} in {self.campaign}"

    @property
    def speaking(self) -> list[dict[str, Any]]:
        """The reasons that weigh against the voter."""
        return [reason for reason in self.reasons if reason["weight"] > 0.05]


class DeskPolicy(models.Model):
    """What the desk does with suspected votes. Never changed, only followed by the next: the newest
    holds; without any, `settings.DESK`."""

    class Mode(models.TextChoices):
        HOLD = "HOLD", "hold: suspected votes wait for a moderator, and don't count meanwhile"
        WATCH = "WATCH", "watch: suspected voters are listed, and their votes count"
        OFF = "OFF", "off: votes are not weighed"

    mode = models.CharField(max_length=5, choices=Mode, default=Mode.HOLD)
    threshold = models.FloatField(
        default=1.5,
        help_text="The score from which votes are held. Of honest voters at most one in ten to its "
        "power ever reaches it: 1 means 10%, 1.5 means 3%, 2 means 1%.",
    )
    reason = models.CharField(max_length=300, help_text="Why it is changed.")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False,
        related_name="+",
    )  # fmt: skip
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "desk policies"
        constraints = [
            models.CheckConstraint(
                condition=Q(threshold__gte=1.0, threshold__lte=12.0),
                name="desk_threshold",
                violation_error_message="A threshold lies between 1 and 12.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_mode_display().partition(':')[0]} from {self.threshold:g}"

    @property
    def false_alarms(self) -> float:
        """The share of honest voters that ever reach it, at most."""
        return float(10.0**-self.threshold)

    @classmethod
    def current(cls) -> DeskPolicy:
        return cls.objects.order_by("-pk").first() or cls(mode=settings.DESK.upper())


class DeskPlace(models.Model):
    """How far the desk has read the votes; one row."""

    vote = models.BigIntegerField(help_text="all votes up to it were looked at")
