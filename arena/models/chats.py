"""Chats with models by name. They are no battles: nothing in them can be voted on or counted.

A visitor's chat belongs to a voter; one in which staff try a contestant, perhaps a draft, to a
user.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.deletion import Collector

from .battles import Side, public_id
from .contestants import Revision
from .generated import Generated
from .votes import Voter


def kept_for_voters(
    collector: Collector, field: Any, rows: models.QuerySet[Any], using: str
) -> None:
    """What a voter has talked with stays. Trials of staff are no reason to keep a model: they go
    with it."""
    if not all(row.is_trial for row in rows):
        models.PROTECT(collector, field, rows, using)
    models.CASCADE(collector, field, rows, using)


class Chat(models.Model):
    """A talk with one or two models that the visitor has chosen, and sees by name."""

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    voter = models.ForeignKey(Voter, on_delete=models.PROTECT, related_name="chats", null=True)
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", null=True, blank=True
    )
    revision_a = models.ForeignKey(Revision, on_delete=kept_for_voters, related_name="+")
    revision_b = models.ForeignKey(
        Revision, on_delete=kept_for_voters, related_name="+", null=True, blank=True
    )
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(revision_b=None) | ~Q(revision_a=F("revision_b")),
                name="chat_with_two_models",
            ),
            models.CheckConstraint(
                condition=Q(voter=None) ^ Q(staff=None), name="chat_of_a_voter_or_of_staff"
            ),
        ]

    def __str__(self) -> str:
        return f"chat {self.public_id}"

    @property
    def is_trial(self) -> bool:
        return self.staff_id is not None

    @property
    def revisions(self) -> dict[Side, Revision]:
        """Who answers on which side. One model alone is on side A."""
        both = {Side.A: self.revision_a, Side.B: self.revision_b}
        return {side: revision for side, revision in both.items() if revision is not None}


class ChatTurn(models.Model):
    """One prompt of a chat, and a reply from each of its models."""

    chat = models.ForeignKey(Chat, on_delete=models.CASCADE, related_name="turns")
    number = models.PositiveIntegerField()
    prompt = models.TextField()
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["chat", "number"]
        constraints = [
            models.UniqueConstraint(fields=["chat", "number"], name="chat_turn_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.chat}, turn {self.number}"


class Reply(Generated):
    """What one model said in one turn of a chat."""

    revision = models.ForeignKey(Revision, on_delete=kept_for_voters, related_name="+")
    turn = models.ForeignKey(ChatTurn, on_delete=models.CASCADE, related_name="replies")
    side = models.CharField(max_length=1, choices=Side)

    class Meta:
        ordering = ["turn", "side"]
        verbose_name_plural = "replies"
        constraints = [
            models.UniqueConstraint(fields=["turn", "side"], name="reply_of_a_side_once")
        ]
        indexes = [
            models.Index(
                fields=["dispatched"], name="replies_underway", condition=Q(state="QUEUED")
            )
        ]

    def __str__(self) -> str:
        return f"{self.turn}, {self.side}"

    @property
    def is_trial(self) -> bool:
        return self.turn.chat.is_trial
