from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .votes import Vote


class Objection(models.Model):
    """What a voter has to say against the standing of their vote, and the answer of an admin."""

    class State(models.TextChoices):
        OPEN = "OPEN", _("open")
        UPHELD = "UPHELD", _("upheld")
        REFUSED = "REFUSED", _("refused")
        ANSWERED = "ANSWERED", _("answered")  # before it was recorded how

    vote = models.ForeignKey(Vote, on_delete=models.CASCADE, related_name="objections")
    text = models.TextField()
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    answer = models.TextField(blank=True)
    created = models.DateTimeField(auto_now_add=True)
    answered = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["vote"], condition=Q(state="OPEN"), name="objection_open_once"
            )
        ]
        indexes = [
            models.Index(fields=["created"], name="objections_open", condition=Q(state="OPEN"))
        ]

    def __str__(self) -> str:
        return f"Objection to {self.vote}"
