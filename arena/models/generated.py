from __future__ import annotations

import uuid
from typing import Any

from django.db import models

from inference.contract.requests import GenerateResult

from .contestants import Revision

# Fields with the same names in a worker's result and a stored answer.
FIGURES = (
    "queued_s", "first_token_s", "total_s", "prompt_tokens", "completion_tokens", "thoughts",
    "thought_tokens", "tokens_per_second", "engine", "weights_sha256",
    "deadline_s",
)  # fmt: skip
TOLD = ("text", "finish_reason", *FIGURES)
MOST = 2**31 - 1  # the maximum of an integer column; seconds and speeds are far below it


class Generated(models.Model):
    """A model's answer, from its first attempt on. Its text and figures are stored once, when
    generation has ended."""

    class State(models.TextChoices):
        WAITING = "WAITING", "waiting"
        QUEUED = "QUEUED", "queued"  # also while it streams: the stream has the details
        DONE = "DONE", "done"
        FAILED = "FAILED", "failed"

    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")
    stream = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    attempt = models.PositiveIntegerField(default=0, help_text="the current one; 0: none was made")
    dispatched = models.DateTimeField(
        null=True, blank=True, help_text="when its current attempt was queued"
    )
    created = models.DateTimeField(auto_now_add=True)
    text = models.TextField(blank=True)
    finish_reason = models.CharField(max_length=20, blank=True)
    error = models.TextField(blank=True)
    queued_s = models.FloatField(null=True, blank=True, help_text="seconds from dispatch to start")
    first_token_s = models.FloatField(null=True, blank=True, help_text="seconds from start")
    total_s = models.FloatField(null=True, blank=True, help_text="seconds from start")
    prompt_tokens = models.PositiveIntegerField(null=True, blank=True)
    completion_tokens = models.PositiveIntegerField(
        null=True, blank=True, help_text="without those of its thoughts"
    )
    thoughts = models.TextField(
        blank=True,
        default="",
        db_default="",
        help_text="What it thought before; shown after the vote, never asked with again.",
    )
    thought_tokens = models.PositiveIntegerField(null=True, blank=True)
    tokens_per_second = models.FloatField(null=True, blank=True)
    engine = models.CharField(max_length=200, blank=True, help_text="what ran it, with version")
    weights_sha256 = models.CharField(max_length=64, blank=True)
    deadline_s = models.FloatField(
        null=True, blank=True, help_text="seconds from start that it might take at most"
    )

    class Meta:
        abstract = True

    @property
    def tries(self) -> int:
        """The number of attempts of its current revision."""
        return self.attempt

    def note(self, reason: str) -> None:
        """Set the reason why the current attempt failed; does not save."""
        self.error = f"attempt {self.attempt}: {reason}"

    def take(self, source: GenerateResult | Generated) -> None:
        """Copy the text and figures of `source`; does not save."""
        for name in TOLD:
            setattr(self, name, self.storable(name, getattr(source, name)))
        self.tokens_per_second = self.tokens_per_second or None  # 0: not measured
        self.thought_tokens = self.thought_tokens or None

    @classmethod
    def storable(cls, name: str, value: Any) -> Any:
        """`value`, truncated or dropped if the column cannot hold it: an odd figure must never
        prevent storing an answer that was paid for."""
        field = cls._meta.get_field(name)
        if isinstance(field, models.CharField | models.TextField):
            most = field.max_length
            return value if most is None or len(value) <= most else f"{value[: most - 1]}…"
        least, kind = (-MOST, int | float) if isinstance(field, models.FloatField) else (0, int)
        return value if isinstance(value, kind) and least <= value <= MOST else None
