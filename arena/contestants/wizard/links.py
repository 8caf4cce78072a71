"""Step 1, from an address: any GGUF file that can be downloaded by http."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from arena import broker
from inference.contract import fetching
from inference.contract.fetching import Order, Part
from inference.contract.limits import TEXTS

from .homes import ToWorkerForm
from .pages import page

NAME = re.compile(r"[A-Za-z0-9][\w.+-]*", re.ASCII)
_PART = re.compile(r"-\d{5}-of-\d{5}$")


class AddressForm(ToWorkerForm):
    url = forms.URLField(
        label="Address of the GGUF file",
        assume_scheme="https",
        max_length=2000,
        error_messages={
            "required": "Give the address of the file.",
            "invalid": "This is not an address. Write it as https://example.com/model.gguf",
        },
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    sha256 = forms.CharField(
        label="SHA-256 (optional)",
        required=False,
        help_text="If its publisher names one: the file is then only used if it has it.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or "@" in parts.netloc:
            raise forms.ValidationError(
                "The address must begin with https:// or http://, without a user name."
            )
        self.name = PurePosixPath(unquote(parts.path)).name.removesuffix(".gguf")
        if not parts.path.endswith(".gguf"):
            raise forms.ValidationError(
                "The address must end in .gguf. For a page of the Hugging Face Hub, go back and "
                "choose it there."
            )
        check_name(self.name)
        return url

    def clean_sha256(self) -> str:
        digest = "".join(self.cleaned_data["sha256"].lower().removeprefix("sha256:").split())
        if digest and not re.fullmatch(r"[0-9a-f]{64}", digest):
            raise forms.ValidationError("A SHA-256 has 64 characters: digits and a to f.")
        return digest

    def order(self, by: str) -> Order:
        part = Part(
            f"{self.name}.gguf", self.cleaned_data["url"], sha256=self.cleaned_data["sha256"]
        )
        host = urlsplit(part.url).hostname or ""
        return Order(self.name, (part,), by=by, facts={"source": host})


def address(request: HttpRequest) -> HttpResponse:
    form = AddressForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        order = form.order(str(request.user))
        fetching.place(broker.connection(), order, form.chosen_home())
        return redirect("admin:arena_contestant_download", order.id)
    return page(request, "address", "Where is the file?", form=form)


def check_name(name: str) -> None:
    """Raises ValidationError if weights cannot have this name."""
    if not NAME.fullmatch(name) or len(name) > TEXTS.weights_name:
        raise forms.ValidationError(
            "The file's name may have letters, digits, dots and dashes, and at most "
            f"{TEXTS.weights_name} of them. Rename it."
        )
    if _PART.search(name):
        raise forms.ValidationError(
            "This is one part of several. Join them first, or take them from their repository on "
            "the Hugging Face Hub: there they are joined for you."
        )
