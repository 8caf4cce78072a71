from __future__ import annotations

from django.db import models
from django.db.models import Q

from .votes import Voter


class Consent(models.Model):
    """A voter's consent to the publication of their battles and votes. No row, no consent.

    One row for each time it was given, as evidence: when, until when, and the exact words. Of a
    row, only the time of withdrawal is ever set; exports leave the voter out from that moment on.
    """

    voter = models.ForeignKey(Voter, on_delete=models.CASCADE, related_name="consents")
    version = models.PositiveIntegerField(help_text="of the wording")
    language = models.CharField(max_length=20, help_text="that it was shown in")
    wording = models.TextField(help_text="what the voter agreed to, as it was shown")
    sha256 = models.CharField(max_length=64, help_text="of the wording, in UTF-8")
    given = models.DateTimeField(auto_now_add=True)
    withdrawn = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["voter"], condition=Q(withdrawn=None), name="consent_given_once"
            )
        ]

    def __str__(self) -> str:
        return f"consent of {self.voter}"
