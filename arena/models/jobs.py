from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import models

from .campaigns import Campaign


class Job(models.Model):
    """Work on files requested in the admin, such as an export; the background worker runs it. Its
    kind (`arena.jobs.kinds`) says what it does."""

    class State(models.TextChoices):
        WAITING = "WAITING", "waiting"
        RUNNING = "RUNNING", "running"
        DONE = "DONE", "done"
        FAILED = "FAILED", "failed"

    kind = models.CharField(max_length=20)
    campaign = models.ForeignKey(
        Campaign,
        null=True,
        on_delete=models.CASCADE,
        related_name="jobs",
        help_text="none where the job is not about one that exists already",
    )
    name = models.CharField(max_length=300, help_text="as people see it, mostly a file's")
    asked = models.JSONField(default=dict, help_text="what was chosen in the form")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="begun, by workers that died")
    said = models.JSONField(default=list, help_text="sentences: what was done, or why it failed")
    files = models.JSONField(default=list, help_text="that can be downloaded: name and bytes")
    tables = models.JSONField(default=list, help_text="more of what was found: title, head, rows")
    offer = models.CharField(
        max_length=100,
        blank=True,
        help_text="what may follow with the same upload, kept until then",
    )
    kept_in = models.CharField(
        max_length=100, blank=True, help_text="folder of its files, of a job older than this column"
    )
    created = models.DateTimeField(auto_now_add=True)
    ended = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["kind", "campaign", "-id"], name="newest_jobs")]

    def __str__(self) -> str:
        return self.name

    @property
    def folder(self) -> Path:
        """The folder for the files it makes."""
        return Path(settings.VAR) / (self.kept_in or f"jobs/{self.pk}")

    @property
    def upload(self) -> Path:
        """The folder for the file uploaded with the form."""
        return Path(settings.VAR) / "jobs" / "uploads" / str(self.pk)

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.DONE, self.State.FAILED)
