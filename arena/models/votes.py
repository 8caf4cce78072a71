from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .battles import Battle, Turn
from .campaigns import Campaign
from .contestants import Contestant


class Voter(models.Model):
    """A pseudonym: one browser that has not cleared its cookies.

    Once its data were deleted, it is what its votes are counted under, and no cookie opens it.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created = models.DateTimeField(auto_now_add=True)
    forgotten = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="when its data were deleted"
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["forgotten"], name="forgotten_voters", condition=Q(forgotten__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return f"voter {self.pk}"


class Verdict(models.TextChoices):
    A = "A", _("A is better")
    B = "B", _("B is better")
    TIE = "TIE", _("Tie")
    BOTH_BAD = "BOTH_BAD", _("Both are bad")


class Vote(models.Model):
    """The one verdict on a battle. Append-only: never changed, never deleted, only excluded."""

    class Standing(models.TextChoices):
        COUNTED = "COUNTED", "counted"
        PENDING = "PENDING", "pending"
        EXCLUDED = "EXCLUDED", "excluded"

    battle = models.OneToOneField(Battle, on_delete=models.PROTECT, related_name="vote")
    voter = models.ForeignKey(Voter, on_delete=models.PROTECT, related_name="votes")
    verdict = models.CharField(max_length=8, choices=Verdict)
    standing = models.CharField(max_length=8, choices=Standing, default=Standing.COUNTED)
    standing_reason = models.CharField(max_length=300, blank=True)
    seconds = models.FloatField(help_text="from the battle's beginning to the vote")
    turn = models.ForeignKey(
        Turn, on_delete=models.PROTECT, null=True, related_name="votes",
        help_text="that decided: the last one shown at the vote",
    )  # fmt: skip
    early = models.BooleanField(
        default=False, db_default=False, help_text="before both answers were all shown"
    )
    words_seen = models.PositiveIntegerField(
        null=True, help_text="of each answer of the last turn, if early; all of a shorter one"
    )
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="vote_verdict"),
            models.CheckConstraint(
                condition=Q(early=True, words_seen__isnull=False, words_seen__gt=0)
                | Q(early=False, words_seen=None),
                name="vote_early_on_words_seen",
            ),
        ]
        indexes = [
            # With what lists and counts of excluded votes ask for, so that they read no row.
            models.Index(
                fields=["battle"],
                include=["standing", "standing_reason"],
                name="votes_left_out",
                condition=~Q(standing="COUNTED"),
            ),
            models.Index(fields=["created"], name="votes_pending", condition=Q(standing="PENDING")),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} on {self.battle}"


class CriterionVerdict(models.Model):
    """What the voter said of one criterion with the vote. Append-only, and it counts as the vote
    does: excluded with it, and counted again with it."""

    vote = models.ForeignKey(
        Vote, on_delete=models.CASCADE, db_index=False, related_name="criteria"
    )
    criterion = models.CharField(max_length=40, help_text="as arena.labels.criteria names it")
    verdict = models.CharField(max_length=8, choices=Verdict)

    class Meta:
        ordering = ["vote", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["vote", "criterion"], name="criterion_of_a_vote_once"),
            models.CheckConstraint(
                condition=Q(verdict__in=Verdict.values), name="criterion_verdict"
            ),
            models.CheckConstraint(
                condition=Q(criterion__regex=r"^[-a-z]+$"), name="criterion_key"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.verdict}"


class StandingChange(models.Model):
    """When and why the standing of a vote changed. Append-only: its receipt tells all of it."""

    vote = models.ForeignKey(Vote, on_delete=models.CASCADE, related_name="changes")
    before = models.CharField(max_length=8, choices=Vote.Standing)
    after = models.CharField(max_length=8, choices=Vote.Standing)
    reason = models.CharField(max_length=300, blank=True)
    reason_before = models.CharField(max_length=300, blank=True, db_default="")
    bulk = models.ForeignKey(
        "BulkChange", on_delete=models.PROTECT, null=True, db_index=False, related_name="changes",
        help_text="that it was a part of",
    )  # fmt: skip
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["bulk"], name="changes_in_bulk", condition=Q(bulk__isnull=False))
        ]

    def __str__(self) -> str:
        return f"{self.vote}: {self.after}"


class Tally(models.Model):
    """Counts of the four verdicts on a pair in a slice: the running total of counted votes, or an
    import.

    It is updated in the same transaction as the vote, so it always equals a recount. The pair is
    ordered by primary key; the sides are stored with the battles.
    """

    COUNTS = ("first_wins", "second_wins", "ties", "both_bad")
    COLUMNS = ("first_id", "second_id", *COUNTS)

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="tallies")
    slice = models.CharField(
        max_length=60, db_default="overall", help_text="as arena.labels.slices names it"
    )
    first = models.ForeignKey(Contestant, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Contestant, on_delete=models.PROTECT, related_name="+")
    first_wins = models.BigIntegerField(default=0)
    second_wins = models.BigIntegerField(default=0)
    ties = models.BigIntegerField(default=0)
    both_bad = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "tallies"
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "slice", "first", "second"], name="tally_once"
            ),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="tally_ordered"),
        ]

    def __str__(self) -> str:
        return f"{self.first} : {self.second}, {self.slice}"
