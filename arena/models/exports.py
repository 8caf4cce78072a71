from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import models

from .campaigns import Campaign


class Export(models.Model):
    """A file of a campaign's votes that somebody asked for in the admin."""

    class State(models.TextChoices):
        WAITING = "WAITING", "waiting"
        RUNNING = "RUNNING", "being written"
        DONE = "DONE", "done"
        FAILED = "FAILED", "failed"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="exports")
    format = models.CharField(max_length=20)
    name = models.CharField(max_length=120, help_text="of the file")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=300, blank=True, help_text="why it failed")
    votes = models.BigIntegerField(default=0)
    left_out = models.BigIntegerField(default=0, help_text="votes, for want of consent")
    bytes = models.BigIntegerField(default=0)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def folder(self) -> Path:
        """Its own: holds the file and its data card."""
        return Path(settings.VAR) / "exports" / str(self.pk)

    @property
    def path(self) -> Path:
        return self.folder / self.name

    @property
    def card(self) -> Path:
        return self.folder / f"{self.path.stem}.README.md"

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.DONE, self.State.FAILED)
