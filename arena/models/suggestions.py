from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from .campaigns import Campaign


class PromptSuggestion(models.Model):
    """A prompt that the start page offers to those who read it in its language."""

    class Category(models.TextChoices):
        WRITING = "WRITING", _("Writing")
        EXPLAINING = "EXPLAINING", _("Explaining")
        REASONING = "REASONING", _("Reasoning")
        CODING = "CODING", _("Coding")
        EVERYDAY = "EVERYDAY", _("Everyday life")
        KNOWLEDGE = "KNOWLEDGE", _("Languages and knowledge")

    campaign = models.ForeignKey(
        Campaign,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="suggestions",
        help_text="Whose start page suggests it. Empty: that of the arena.",
    )
    text = models.TextField(
        help_text="Put what visitors should replace into brackets: “Explain [a word] to a child.”"
    )
    category = models.CharField(max_length=10, choices=Category)
    language = models.CharField(
        max_length=10, default="en", help_text="Its code, such as en, fr or zh-hans."
    )
    order = models.PositiveSmallIntegerField(default=0, help_text="Within its category.")
    archived = models.BooleanField(default=False, help_text="Kept, but no longer suggested.")

    class Meta:
        ordering = ["language", "category", "order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "language", "text"],
                nulls_distinct=False,
                name="suggestion_once",
            ),
        ]

    def clean(self) -> None:
        """Its campaign's start page would not show it. Raises ValidationError."""
        codes = self.campaign.language_codes if self.campaign else []
        if codes and self.language not in codes and not self.archived:
            said = (
                f"Its campaign takes prompts in {', '.join(codes)} only. Translate or archive it."
            )
            raise ValidationError({"language": said})

    def __str__(self) -> str:
        return self.text
