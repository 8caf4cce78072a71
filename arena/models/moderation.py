from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from .battles import Battle, Side


class Action(models.TextChoices):
    """What a finding leads to, the strongest last."""

    OFF = "OFF", "off"
    LOG = "LOG", "log"
    WARN = "WARN", "warn"
    BLOCK = "BLOCK", "block"

    @property
    def strength(self) -> int:
        return [*Action].index(self)


class ModerationPolicy(models.Model):
    """What each category of finding leads to, from the moment it was saved until the next one was.
    Frozen: so the rows are the history, and flags name the one that made them."""

    actions = models.JSONField(default=dict, help_text="by category; usual ones are left out")
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = "moderation policy"
        verbose_name_plural = "moderation"

    def __str__(self) -> str:
        return f"moderation policy {self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise ValueError("A policy is frozen. Add a new one instead of changing it.")
        super().save(*args, **kwargs)


class Flag(models.Model):
    """That a check found something, and what happened: never the text. What was blocked has no
    battle, and nothing says whose it was."""

    class About(models.TextChoices):
        PROMPT = "PROMPT", "a prompt"
        ANSWER = "ANSWER", "an answer"
        CHAT = "CHAT", "a prompt of a chat"

    class Source(models.TextChoices):
        RULES = "RULES", "rules"
        CHECKER = "CHECKER", "checker"

    about = models.CharField(max_length=6, choices=About, default=About.PROMPT)
    category = models.CharField(max_length=20)
    source = models.CharField(max_length=7, choices=Source, default=Source.RULES)
    action = models.CharField(max_length=5, choices=Action)
    battle = models.ForeignKey(Battle, on_delete=models.CASCADE, null=True, related_name="flags")
    turn = models.PositiveIntegerField(null=True, help_text="its number in the battle")
    side = models.CharField(max_length=1, choices=Side, blank=True)
    proceeded = models.BooleanField(
        default=False, help_text="whether the visitor was warned, and sent it all the same"
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["at"], name="flags_by_time")]
        constraints = [
            models.CheckConstraint(
                condition=Q(proceeded=False) | Q(action="WARN"), name="flag_proceeded_if_warned"
            )
        ]

    def __str__(self) -> str:
        return f"{self.category}: {self.action}"
