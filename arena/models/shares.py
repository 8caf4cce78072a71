from __future__ import annotations

import secrets

from django.db import models

from .votes import Vote


def token() -> str:
    """Unguessable, and unrelated to the battle's own address, which only its voter may open."""
    return secrets.token_urlsafe(16)


class Share(models.Model):
    """A voted battle that its voter shows to anyone who has the link. No row, no page."""

    vote = models.OneToOneField(Vote, on_delete=models.CASCADE, related_name="share")
    token = models.CharField(max_length=32, unique=True, default=token, editable=False)
    created = models.DateTimeField(auto_now_add=True)
    blocked = models.BooleanField(
        default=False, help_text="By staff: the link is dead, and its voter can't make another."
    )

    def __str__(self) -> str:
        return f"share of {self.vote}"
