from __future__ import annotations

from django.db import models
from django.db.models import Q

from .battles import Battle


class Disclosure(models.Model):
    """That an answer of a battle said which model wrote it or who made that, or that the voter
    asked (`arena.naming`). Battles without any of that have none. Found when the vote is cast."""

    battle = models.OneToOneField(
        Battle, on_delete=models.CASCADE, primary_key=True, related_name="disclosure"
    )
    by_a = models.BooleanField(default=False, help_text="whether side A named its model or maker")
    by_b = models.BooleanField(default=False, help_text="whether side B did")
    asked = models.BooleanField(default=False, help_text="whether a prompt asked for it")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(by_a=True) | Q(by_b=True) | Q(asked=True),
                name="disclosure_of_something",
            )
        ]

    def __str__(self) -> str:
        return f"disclosure in {self.battle}"

    @property
    def is_named(self) -> bool:
        return self.by_a or self.by_b

    @property
    def is_empty(self) -> bool:
        return not (self.is_named or self.asked)
