"""The folders that weights can be downloaded to: one for each host with model workers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.template.defaultfilters import filesizeformat

from arena import broker
from inference.contract.presence import live_workers

NO_WORKER = (
    "No model worker that takes new weights is running. Start one with: "
    "python manage.py inference_worker"
)


@dataclass(frozen=True)
class Home:
    name: str
    free_bytes: int

    def __str__(self) -> str:
        return f"{self.name} ({filesizeformat(self.free_bytes)} free)"


def homes() -> list[Home]:
    beats = live_workers(broker.connection())
    found = {beat.fetches_to: beat.free_bytes for beat in beats if beat.fetches_to}
    return [Home(name, free) for name, free in sorted(found.items())]


class ToWorkerForm(forms.Form):
    """A form for weights that a worker shall download. Asks which, if there is a choice."""

    home = forms.ChoiceField(label="Download to")

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.homes: list[Home] = homes()
        self.order_fields([name for name in self.fields if name != "home"])
        if len(self.homes) > 1:
            choices = [(home.name, str(home)) for home in self.homes]
            self.fields["home"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["home"]

    def clean(self) -> dict[str, Any]:
        if not self.homes:
            raise forms.ValidationError(NO_WORKER)
        return super().clean() or {}

    def chosen_home(self) -> str:
        return str(self.cleaned_data.get("home") or self.homes[0].name)
