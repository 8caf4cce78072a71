"""Probes: what a contestant does with a few prompts of ours, before voters meet it."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from inference.contract.requests import GenerateResult

from .contestants import Revision
from .generated import Generated


class Probe(models.Model):
    """One run of all checks on one revision."""

    class Verdict(models.TextChoices):
        GREEN = "GREEN", "all well"
        AMBER = "AMBER", "worth a look"
        RED = "RED", "not fit for voters"

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="probes")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    started = models.DateTimeField(auto_now_add=True)
    ended = models.DateTimeField(null=True)
    shown = models.JSONField(null=True, help_text="its prompts as a worker renders them, by name")
    findings = models.JSONField(default=list, help_text="what each check found")
    verdict = models.CharField(max_length=5, choices=Verdict, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["started"], name="probes_underway", condition=models.Q(ended=None))
        ]

    def __str__(self) -> str:
        return f"probe of {self.revision}"


class ProbeAnswer(Generated):
    """What a contestant answered to one question of a probe."""

    # Unlike other answers, those of a probe go with what they are about.
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="+")
    probe = models.ForeignKey(Probe, on_delete=models.CASCADE, related_name="answers")
    question = models.CharField(max_length=20)
    prompt = models.TextField(help_text="as it was asked, whatever later versions ask")
    reports_usage = models.BooleanField(
        null=True, help_text="whether its API counted the tokens; empty: it ran on a worker"
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["probe", "question"], name="probe_asks_once")
        ]
        indexes = [
            models.Index(
                fields=["dispatched"], name="probes_answering", condition=models.Q(state="QUEUED")
            )
        ]

    def __str__(self) -> str:
        return f"{self.probe}, {self.question}"

    def take(self, source: GenerateResult | Generated) -> None:
        super().take(source)
        self.reports_usage = getattr(source, "reports_usage", None)

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.DONE, self.State.FAILED)

    @property
    def why(self) -> str:
        """Why it failed, as a sentence without the number of the attempt."""
        said = self.error.partition(": ")[2] or self.error
        said = said[:1].upper() + said[1:]
        return said if said.endswith((".", "!", "?")) else f"{said}."
