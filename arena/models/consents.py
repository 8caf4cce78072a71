from __future__ import annotations

from django.db import models

from .votes import Voter


class Consent(models.Model):
    """A voter agreed that their battles and votes may be published. No row, no consent.

    It is an act with a date and a wording, so that it can be shown later, and it can be taken
    back: exports leave the voter out from that moment on.
    """

    voter = models.OneToOneField(Voter, on_delete=models.CASCADE, related_name="consent")
    wording = models.TextField(help_text="what the voter agreed to, as it was shown")
    given = models.DateTimeField(auto_now_add=True)
    withdrawn = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"consent of {self.voter}"
