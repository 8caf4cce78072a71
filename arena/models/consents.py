from __future__ import annotations

from django.db import models

from .votes import Voter


class Consent(models.Model):
    """A voter's consent to the publication of their battles and votes. No row, no consent.

    It has a date and the wording, as evidence, and can be withdrawn: exports leave the voter out
    from that moment on.
    """

    voter = models.OneToOneField(Voter, on_delete=models.CASCADE, related_name="consent")
    wording = models.TextField(help_text="what the voter agreed to, as it was shown")
    given = models.DateTimeField(auto_now_add=True)
    withdrawn = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"consent of {self.voter}"
