"""Who may take part in a campaign by invitation. The code of an invitation is kept as it is, so
that its link can be copied again: it opens one campaign, not an account, and can be revoked."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone

from .campaigns import Campaign, invitation_token
from .votes import Voter

USUAL = timedelta(days=30)


def in_a_month() -> datetime:
    return (timezone.now() + USUAL).replace(second=0, microsecond=0)


class CampaignInvitation(models.Model):
    """A link that lets voters into a campaign, for a time and up to a number of them."""

    class State(models.TextChoices):
        OPEN = "open"
        EXPIRED = "expired"
        FULL = "used up"
        REVOKED = "revoked"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="invitations")
    code = models.CharField(max_length=32, unique=True, default=invitation_token, editable=False)
    note = models.CharField(
        max_length=200, blank=True, help_text="Whom it is for. Nothing is sent to them."
    )
    expires = models.DateTimeField(
        null=True, blank=True, default=in_a_month, help_text="In UTC. Empty: never."
    )
    most_voters = models.PositiveIntegerField(
        "voters, at most", null=True, blank=True, help_text="Empty: any number."
    )
    revoked = models.BooleanField(
        default=False, help_text="Its link is dead, also for those who came by it."
    )
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = "invitation"
        constraints = [
            models.CheckConstraint(
                condition=Q(most_voters=None) | Q(most_voters__gt=0),
                name="invitation_for_somebody",
                violation_error_message="At least one voter, or empty for any number.",
            ),
        ]

    def __str__(self) -> str:
        return self.note or f"no. {self.pk} to {self.campaign}"

    def state_at(self, now: datetime) -> State:
        if self.revoked:
            return self.State.REVOKED
        if self.expires is not None and self.expires <= now:
            return self.State.EXPIRED
        is_full = self.most_voters is not None and self.guests.count() >= self.most_voters
        return self.State.FULL if is_full else self.State.OPEN


class Guest(models.Model):
    """A voter who has taken part by an invitation, and still may when that has expired."""

    invitation = models.ForeignKey(
        CampaignInvitation, on_delete=models.CASCADE, related_name="guests"
    )
    voter = models.ForeignKey(Voter, on_delete=models.CASCADE, related_name="+")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["invitation", "voter"], name="guest_once"),
        ]

    def __str__(self) -> str:
        return f"guest {self.pk} by {self.invitation}"
