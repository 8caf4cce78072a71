from __future__ import annotations

import secrets

from django.db import models
from django.db.models import F, Q

from .campaigns import Campaign
from .contestants import Contestant, Revision
from .generated import Generated


class Side(models.TextChoices):
    A = "A", "A"
    B = "B", "B"

    @property
    def other(self) -> Side:
        return Side.B if self is Side.A else Side.A


def public_id() -> str:
    """A name for a battle in URLs: unguessable, and reveals nothing, not even an order."""
    return secrets.token_urlsafe(9)


class Battle(models.Model):
    """Two contestants under one prompt, unnamed until the vote."""

    class State(models.TextChoices):
        OPEN = "OPEN", "open"
        VOTED = "VOTED", "voted"
        VOID = "VOID", "void"
        SKIPPED = "SKIPPED", "skipped: its voter could not tell"

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, db_index=False, related_name="battles"
    )
    voter = models.ForeignKey("Voter", on_delete=models.PROTECT, related_name="battles")
    contestant_a = models.ForeignKey(
        Contestant, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    contestant_b = models.ForeignKey(
        Contestant, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    selection_probability = models.FloatField(help_text="of this pair, when it was drawn")
    policy = models.CharField(max_length=40, help_text="matchmaking policy and its version")
    state = models.CharField(max_length=7, choices=State, default=State.OPEN)
    void_reason = models.CharField(max_length=300, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    skipped = models.DateTimeField(null=True, help_text="when its voter could not tell")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(contestant_a=F("contestant_b")), name="battle_of_two_contestants"
            ),
            models.CheckConstraint(
                condition=Q(selection_probability__gt=0, selection_probability__lte=1),
                name="battle_selection_probability",
            ),
            models.CheckConstraint(
                condition=Q(state="SKIPPED", skipped__isnull=False)
                | (~Q(state="SKIPPED") & Q(skipped=None)),
                name="battle_skipped_at_a_time",
            ),
        ]
        indexes = [
            # The admin's lists, whose newest rows may all be far back.
            models.Index(fields=["created", "id"], name="battles_by_time"),
            models.Index(fields=["campaign", "created", "id"], name="battles_of_a_campaign"),
            models.Index(fields=["contestant_a", "created", "id"], name="battles_with_a"),
            models.Index(fields=["contestant_b", "created", "id"], name="battles_with_b"),
            models.Index(
                fields=["created", "id"], name="battles_without_vote", condition=~Q(state="VOTED")
            ),
        ]

    def __str__(self) -> str:
        return f"battle {self.public_id}"

    def contestant(self, side: Side) -> Contestant:
        return self.contestant_a if side is Side.A else self.contestant_b


class Turn(models.Model):
    """One prompt of a battle, and its two answers."""

    battle = models.ForeignKey(Battle, on_delete=models.CASCADE, related_name="turns")
    number = models.PositiveIntegerField()
    prompt = models.TextField()
    stopped = models.BooleanField(default=False, help_text="before its answers were complete")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["battle", "number"]
        constraints = [
            models.UniqueConstraint(fields=["battle", "number"], name="turn_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.battle}, turn {self.number}"


class Answer(Generated):
    """What one side said in one turn."""

    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="answers")
    side = models.CharField(max_length=1, choices=Side)
    revision = models.ForeignKey(
        Revision, on_delete=models.PROTECT, related_name="answers", db_index=False
    )
    swapped_at_attempt = models.PositiveIntegerField(
        default=0, help_text="after which attempt another contestant took over; 0: none did"
    )

    class Meta:
        ordering = ["turn", "side"]
        constraints = [
            models.UniqueConstraint(fields=["turn", "side"], name="answer_of_a_side_once")
        ]
        indexes = [
            models.Index(
                fields=["dispatched"], name="answers_underway", condition=Q(state="QUEUED")
            ),
            models.Index(fields=["revision", "-created"], name="newest_answers"),
            models.Index(fields=["revision", "id"], name="answers_of_a_revision"),
            models.Index(fields=["id"], name="answers_not_done", condition=~Q(state="DONE")),
            models.Index(
                fields=["finish_reason", "id"],
                name="answers_cut_off",
                condition=~Q(finish_reason__in=["", "stop"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.turn}, {self.side}"

    @property
    def tries(self) -> int:
        return self.attempt - self.swapped_at_attempt
