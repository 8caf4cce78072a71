"""Step 1, for models behind an API: its address, its key and its models."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from arena import broker, catalogue
from arena.models.addresses import web_address
from arena.sites import path_of
from inference.contract import keys
from inference.contract.asking import Model, OfModels, ask_models
from inference.contract.errors import EngineError
from inference.contract.presence import Heartbeat, live_workers
from inference.contract.requests import ADDRESSES, key_service

from ..forms import with_scheme
from .pages import page

NO_WORKER = (
    "No model worker that may ask APIs is running. Start one with: "
    "python manage.py inference_worker --remote"
)


class ApiForm(forms.Form):
    url = forms.CharField(
        label="Base address of the API",
        max_length=200,
        error_messages={"required": "Give the address of the API."},
        help_text=(
            "Such as https://openrouter.ai/api/v1, or http://localhost:8080/v1 for a server of "
            "your own."
        ),
        widget=forms.URLInput(attrs={"list": "known", "autocomplete": "off"}),
    )

    def clean_url(self) -> str:
        url: str = with_scheme(self.cleaned_data["url"])
        web_address(url)
        return url.rstrip("/").removesuffix("/chat/completions").removesuffix("/models")


@dataclass(frozen=True)
class Listing:
    """The models of an API, or why they cannot be listed."""

    backend: str
    url: str
    key_variable: str
    models: tuple[Model, ...] = ()
    error: str = ""
    left_out: int = 0  # models that the API has beside these

    def card(self, model: str, called: str = "") -> str:
        """The page of its card; `called` is its name in the catalogue, where that differs."""
        asked = {"backend": self.backend, "model": model, "url": self.url}
        asked |= {"called": called} if called else {}
        query = urlencode({**asked, "key": self.key_variable})
        return f"{path_of('admin:arena_contestant_card')}?{query}"


def openai(request: HttpRequest) -> HttpResponse:
    asked = "url" in request.GET and _comes_from_here(request)
    suggested = request.GET.get("suggested", request.GET.get("url", ""))
    form = ApiForm(request.GET if asked else None, initial={"url": suggested})
    if not (asked and form.is_valid()):
        hosts = [h for h in catalogue.load().hosts.values() if h.protocol.value == "openai"]
        return page(request, "api", "Where is the API?", form=form, hosts=hosts)
    return _choose(request, "openai", form.cleaned_data["url"])


def _comes_from_here(request: HttpRequest) -> bool:
    """A link on another site, or in a mail, must not make a worker ask an address of its choice:
    it only fills in the form. Without HTTPS, browsers do not say where they come from, but send the
    address of the page."""
    if (site := request.headers.get("sec-fetch-site")) is not None:
        return site == "same-origin"
    return request.headers.get("referer", "").startswith(request.build_absolute_uri("/"))


def anthropic(request: HttpRequest) -> HttpResponse:
    return _choose(request, "anthropic", "")


def _choose(request: HttpRequest, backend: str, url: str) -> HttpResponse:
    listing = listed(backend, url)
    if chosen := request.GET.get("model", "").strip():
        ids = {model.id for model in listing.models}
        if chosen in ids or listing.error or listing.left_out:
            return redirect(listing.card(chosen))
    return page(request, "models", "Which model?", listing=listing, chosen=chosen)


def listed(backend: str, url: str) -> Listing:
    beats = live_workers(broker.connection())
    variable = key_for(backend, url, beats)
    listing = Listing(backend, url, variable)
    if not any(key_service(variable) in beat.serves for beat in beats):
        return _failed(listing, NO_WORKER if not variable else _no_key(variable))
    try:
        found = ask_models(broker.connection(), OfModels(backend, url, variable))
    except EngineError as error:
        return _failed(listing, str(error))
    if not found.models:
        return _failed(listing, "The API lists no models.")
    by_name = sorted(found.models, key=lambda model: model.id.lower())
    return replace(listing, models=tuple(by_name), left_out=found.left_out)


def _failed(listing: Listing, error: str) -> Listing:
    return replace(listing, error=error)


def _no_key(variable: str) -> str:
    return (
        f"No running model worker holds {variable}. Enter it under API keys; or set it on a worker "
        "started with --remote, and restart it."
    )


def key_for(backend: str, url: str, beats: list[Heartbeat]) -> str:
    """The variable of the key that belongs to this address: one that a worker holds, otherwise the
    provider's; "" if the address needs none that we know of."""
    address = url or ADDRESSES[backend]
    for beat in beats:
        for variable, hosts in sorted(beat.key_hosts.items()):
            if not keys.objection(variable, address, hosts):
                return variable
    return next((v for v, h in keys.PROVIDERS.items() if not keys.objection(v, address, h)), "")
