from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import UserChangeForm, UserCreationForm
from django.contrib.auth.models import User

from . import owners
from .models import Invitation
from .roles import OWNER


class InvitationForm(forms.ModelForm):
    days = forms.TypedChoiceField(
        label="Valid for",
        choices=[(1, "a day"), (7, "a week"), (30, "30 days")],
        initial=7,
        coerce=int,
    )

    class Meta:
        model = Invitation
        fields = ("role", "note")


class JoinForm(UserCreationForm):
    """What whoever accepts an invitation is asked for."""

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name")


class PersonForm(UserChangeForm):
    """An account; the last owner stays one."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self._stays_owner(data) and owners.is_last(self.instance):
            raise forms.ValidationError(owners.LAST)
        return data

    def _stays_owner(self, data: dict[str, Any]) -> bool:
        roles = {group.name for group in data.get("groups", ())}
        return bool(data.get("is_active")) and (self.instance.is_superuser or OWNER in roles)
