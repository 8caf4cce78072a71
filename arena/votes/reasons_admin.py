"""Reasons in the admin: their labels by language, their order, and which are still offered."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest

from ..browsing.cells import NamedCells
from ..limits import REASONS
from ..models import Reason


def field_of(language: str) -> str:
    return f"label_{language.replace('-', '_')}"


def label_of(language: str, name: str) -> forms.CharField:
    is_needed = language == settings.LANGUAGE_CODE
    return forms.CharField(
        label=f"Label, {name}",
        max_length=REASONS.label_characters,
        required=is_needed,
        help_text="" if is_needed else "Empty: the label of the site's first language.",
    )


class Labelled(forms.ModelForm):
    """Its labels are one field for each language of the site."""

    class Meta:
        model = Reason
        fields = ("key", "sign", "order", "archived")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for language, label in (self.instance.labels or {}).items():
            self.initial[field_of(language)] = label

    def clean(self) -> dict[str, Any]:
        super().clean()
        given = {code: self.cleaned_data.get(field_of(code)) for code, _ in settings.LANGUAGES}
        self.instance.labels = {code: label for code, label in given.items() if label}
        return self.cleaned_data


ReasonForm: Any = type(
    "ReasonForm",
    (Labelled,),
    {field_of(code): label_of(code, name) for code, name in settings.LANGUAGES},
)


class ReasonAdmin(NamedCells):
    """Votes refer to reasons, so there is no deleting, and key and sign never change."""

    form = ReasonForm
    list_display = ["key", "sign", "label", "order", "archived"]
    list_editable = ["order", "archived"]
    list_filter = ["archived", "sign"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        labels = [field_of(code) for code, _ in settings.LANGUAGES]
        return ("key", "sign", *labels, "order", "archived")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["key", "sign"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
