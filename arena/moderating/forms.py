"""The forms of the moderation page: a new policy, and a text to try it on."""

from __future__ import annotations

from typing import Any

from django import forms

from ..limits import PROMPTS
from ..models import ModerationPolicy
from ..models.moderation import Action
from . import policy
from .categories import CATEGORIES


class PolicyForm(forms.Form):
    """One choice for each category, and why it changes."""

    reason = forms.CharField(
        max_length=300, label="Reason for the change", help_text="Kept in the history below."
    )

    def __init__(self, now: ModerationPolicy, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        holding = policy.actions(now)
        for name, category in CATEGORIES.items():
            self.fields[name] = forms.ChoiceField(
                choices=Action.choices, label=category.title, initial=holding[name]
            )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if not self.errors and self.chosen == policy.actions(self.now):
            raise forms.ValidationError("This is the policy that holds already.")
        return found

    @property
    def chosen(self) -> policy.Actions:
        return {name: Action(self.cleaned_data[name]) for name in CATEGORIES}

    def save(self, by: Any) -> ModerationPolicy:
        unusual = {
            name: str(action)
            for name, action in self.chosen.items()
            if action is not CATEGORIES[name].usual
        }
        return ModerationPolicy.objects.create(
            actions=unusual, reason=self.cleaned_data["reason"], by=by
        )


class TryForm(forms.Form):
    text = forms.CharField(
        label="Text",
        max_length=PROMPTS.characters,
        strip=False,
        widget=forms.Textarea({"rows": 5, "dir": "auto"}),
    )
