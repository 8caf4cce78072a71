from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from .votes import Vote

WHAT = {
    Vote.Standing.EXCLUDED: "exclusion",
    Vote.Standing.PENDING: "hold",
    Vote.Standing.COUNTED: "counting again",
}
EVIDENCE = "score"  # of a voter: in the preview of whatever the desk does by itself


class BulkChange(models.Model):
    """Votes chosen to be excluded, held, or counted again, together: previewed, applied, undone."""

    class State(models.TextChoices):
        DRAFT = "DRAFT", "not applied"
        APPLIED = "APPLIED", "applied"
        UNDONE = "UNDONE", "undone"

    after = models.CharField(max_length=8, choices=Vote.Standing)
    votes = ArrayField(models.BigIntegerField(), help_text="primary keys of the chosen votes")
    reason = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    preview = models.JSONField(default=dict, help_text="the boards before and after it")
    state = models.CharField(max_length=7, choices=State, default=State.DRAFT)
    changed = models.PositiveIntegerField(default=0, help_text="votes, when it was applied")
    restored = models.PositiveIntegerField(default=0, help_text="votes, when it was undone")
    asked = models.DateTimeField(
        null=True, help_text="when the background worker was asked to apply or undo it"
    )
    created = models.DateTimeField(auto_now_add=True)
    applied = models.DateTimeField(null=True)
    undone = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]

    @property
    def who(self) -> str:
        """Whoever made it; the desk has its evidence in the preview."""
        return str(self.by or ("the desk" if EVIDENCE in self.preview else "somebody"))

    def __str__(self) -> str:
        return f"{WHAT[Vote.Standing(self.after)]} {self.pk}"
