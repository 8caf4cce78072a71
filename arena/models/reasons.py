from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language

from ..limits import REASONS
from .battles import Side
from .votes import Vote


def check_labels(labels: Any) -> None:
    """Raises ValidationError unless it is a label for each of some languages of the site, among
    them the one that others fall back on."""
    if not isinstance(labels, dict) or not labels.get(settings.LANGUAGE_CODE):
        raise ValidationError(f"Give at least the label in “{settings.LANGUAGE_CODE}”.")
    for language, label in labels.items():
        if language not in dict(settings.LANGUAGES):
            raise ValidationError(f"The site has no language “{language}”.")
        if not isinstance(label, str) or not 0 < len(label.strip()) <= REASONS.label_characters:
            raise ValidationError(
                f"The label in “{language}” must have 1 to {REASONS.label_characters} characters."
            )


class Reason(models.Model):
    """A criterion that voters may name after the vote, for or against an answer.

    Those that votes refer to are never deleted: archived, they are no longer offered.
    """

    class Sign(models.IntegerChoices):
        FOR = 1, "for the answer"
        AGAINST = -1, "against it"

    key = models.SlugField(
        unique=True, max_length=40, help_text="Its name in files of votes; it can't be changed."
    )
    sign = models.SmallIntegerField(choices=Sign, help_text="It can't be changed.")
    labels = models.JSONField(validators=[check_labels], help_text="by language")
    order = models.PositiveSmallIntegerField(default=0, help_text="The lowest stands first.")
    archived = models.BooleanField(
        default=False, help_text="No longer offered. Votes that have it keep it."
    )

    class Meta:
        ordering = ["-sign", "order", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(sign__in=[1, -1]), name="reason_sign"),
            models.CheckConstraint(
                condition=Q(key__regex=r"^[-a-z0-9_]+$"),
                name="reason_key",
                violation_error_message="Use small letters without accents, digits, - and _.",
            ),
        ]

    def __str__(self) -> str:
        return f"{'+' if self.sign > 0 else '−'} {self.key}"

    @property
    def label(self) -> str:
        """In the language of the page, otherwise in the default one."""
        label: str = self.labels.get(get_language()) or self.labels[settings.LANGUAGE_CODE]
        return label


class VoteReason(models.Model):
    """A reason that a voter gave for or against one answer. It never affects a tally."""

    vote = models.ForeignKey(Vote, on_delete=models.CASCADE, related_name="reasons")
    side = models.CharField(max_length=1, choices=Side)
    reason = models.ForeignKey(Reason, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["vote", "side", "reason"]
        constraints = [
            models.UniqueConstraint(fields=["vote", "side", "reason"], name="vote_reason_once")
        ]

    def __str__(self) -> str:
        return f"{self.reason}, of {self.side}"


class Remark(models.Model):
    """What a voter wrote about one answer after the vote."""

    vote = models.ForeignKey(Vote, on_delete=models.CASCADE, related_name="remarks")
    side = models.CharField(max_length=1, choices=Side)
    text = models.CharField(max_length=REASONS.comment_characters)

    class Meta:
        ordering = ["vote", "side"]
        constraints = [
            models.UniqueConstraint(fields=["vote", "side"], name="remark_of_a_side_once")
        ]

    def __str__(self) -> str:
        return self.text[:80]
