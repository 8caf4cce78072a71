from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q


class Contestant(models.Model):
    """A model as entered in the arena: what readers of the leaderboard see of it.

    How it is run is a `Revision`; what happened to it is in its `RegistryEvent`s.
    """

    class Access(models.TextChoices):
        OPEN_SOURCE = "OPEN_SOURCE", "open source"
        OPEN_WEIGHTS = "OPEN_WEIGHTS", "open weights"
        PROPRIETARY = "PROPRIETARY", "proprietary"

    class State(models.TextChoices):
        DRAFT = "DRAFT", "draft"
        HIDDEN = "HIDDEN", "hidden"
        ACTIVE = "ACTIVE", "active"
        PAUSED = "PAUSED", "paused"
        RETIRED = "RETIRED", "retired"

    slug = models.SlugField(unique=True, max_length=80)
    name = models.CharField(max_length=120, unique=True)
    organisation = models.CharField(max_length=120)
    licence = models.CharField(max_length=120)
    access = models.CharField(max_length=12, choices=Access)
    stands_in_for = models.CharField(
        max_length=120,
        blank=True,
        help_text="The proprietary model this contestant plays. The reveal says so.",
    )
    parameters = models.BigIntegerField(null=True, blank=True, help_text="number of weights")
    active_parameters = models.BigIntegerField(
        null=True, blank=True, help_text="weights used for each token (mixtures of experts)"
    )
    training_tokens = models.BigIntegerField(null=True, blank=True)
    context_length = models.PositiveIntegerField(null=True, blank=True, help_text="tokens")
    release_date = models.DateField(null=True, blank=True)
    input_price = models.DecimalField(
        max_digits=10, decimal_places=4, null=True, blank=True, help_text="USD per million tokens"
    )
    output_price = models.DecimalField(
        max_digits=10, decimal_places=4, null=True, blank=True, help_text="USD per million tokens"
    )
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.access != self.Access.PROPRIETARY


class Revision(models.Model):
    """Frozen settings of a contestant; every answer points at the one that made it."""

    contestant = models.ForeignKey(Contestant, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField(default=1)
    backend = models.CharField(max_length=40, default="llama_cpp")
    weights = models.CharField(max_length=200, help_text="file name in the weights folder")
    weights_sha256 = models.CharField(max_length=64, blank=True)
    quantisation = models.CharField(max_length=20, blank=True)
    prompt_format = models.TextField(
        blank=True, help_text="A Jinja chat template; empty means the one inside the weights."
    )
    system_prompt = models.TextField(blank=True)
    sampling = models.JSONField(default=dict, blank=True, help_text='e.g. {"temperature": 0.7}')
    max_tokens = models.PositiveIntegerField(default=512)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["contestant", "number"]
        constraints = [
            models.UniqueConstraint(fields=["contestant", "number"], name="revision_number_once"),
            models.CheckConstraint(condition=Q(max_tokens__gt=0), name="revision_max_tokens"),
        ]

    def __str__(self) -> str:
        return f"{self.contestant} r{self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise ValueError("A revision is frozen. Add a new one instead of changing it.")
        super().save(*args, **kwargs)


class RegistryEvent(models.Model):
    """The public, append-only log of every change of a contestant's state, with its reason."""

    contestant = models.ForeignKey(Contestant, on_delete=models.PROTECT, related_name="events")
    state = models.CharField(max_length=8, choices=Contestant.State)
    reason = models.CharField(max_length=300)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.contestant}: {self.state}"
