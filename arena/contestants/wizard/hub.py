"""Step 1, from a repository of the Hugging Face Hub: its files, its licence, the download."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from arena import broker, catalogue
from arena.catalogue import Licence
from inference.contract import fetching
from inference.contract.asking import Choice, Repository, ask_repository, check_repository
from inference.contract.errors import EngineError
from inference.contract.fetching import Order

from .homes import NO_WORKER, ToWorkerForm, homes
from .pages import page

USUAL = "Q4_K_M"  # of good quality for its size
_FILE = re.compile(r"(?:blob|resolve)/[^/]+/(?:.*/)?([^/]+?)(?:-\d{5}-of-\d{5})?\.gguf$")
Asked = tuple[str, str]


def repository(request: HttpRequest) -> HttpResponse:
    typed = request.POST.get("repository") or request.GET.get("repository", "")
    if not typed.strip():
        return _ask(request, "")
    name, file = named(typed)
    try:
        found = _found(name)
    except EngineError as error:
        return _ask(request, typed, str(error))
    if not found.choices:
        return _ask(request, typed, f"{name} has no GGUF files. Look for a repository with them.")
    form = ChoiceForm(found, file, request.POST if request.method == "POST" else None)
    if form.is_valid():
        order = form.order(str(request.user))
        fetching.place(broker.connection(), order, form.chosen_home())
        return redirect("admin:arena_contestant_download", order.id)
    context: dict[str, Any] = {
        "form": form,
        "found": found,
        "terms": licence_of(found),
        "typed": typed,
    }
    return page(request, "hub_files", "Which file?", **context)


def named(typed: str) -> Asked:
    """The repository and the file in what somebody typed or pasted: a name or an address."""
    typed = typed.strip().removeprefix("hf.co/").removeprefix("huggingface.co/")
    if "://" not in typed:
        name, _, quantisation = typed.partition(":")  # as llama.cpp and Ollama write it
        return name.strip("/"), quantisation
    try:
        path = urlsplit(typed).path.strip("/")
    except ValueError:  # such as https://[
        return typed, ""
    owner, _, rest = path.partition("/")
    name, _, rest = rest.partition("/")
    file = _FILE.search(rest)
    return f"{owner}/{name}", file[1] if file else ""


def _found(name: str) -> Repository:
    check_repository(name)
    if not homes():
        raise EngineError(NO_WORKER, permanent=False)
    return ask_repository(broker.connection(), name)


def _ask(request: HttpRequest, typed: str, error: str = "") -> HttpResponse:
    return page(request, "hub", "Which repository?", typed=typed, error=error)


def licence_of(found: Repository) -> Licence | None:
    """What the catalogue knows about its licence."""
    known = catalogue.load().licences
    return next((known[each] for each in known if each.lower() == found.licence.lower()), None)


def access_of(found: Repository) -> str:
    """Open weights if everybody may have and use them; "" if somebody has to say what it is: the
    licence is not known, restricts who may use it or for what, or the files are gated."""
    terms = licence_of(found)
    is_open = terms is not None and terms.osi and not found.is_gated
    return catalogue.Access.OPEN_WEIGHTS.value if is_open else ""


class ChoiceForm(ToWorkerForm):
    """Which weights of a repository, and that its licence is accepted."""

    weights = forms.ChoiceField(widget=forms.RadioSelect)
    accepted = forms.BooleanField(
        error_messages={"required": "Accept the licence, or choose another model."}
    )

    def __init__(self, found: Repository, wanted: str, *arguments: Any) -> None:
        super().__init__(*arguments, initial={"weights": usual(found.choices, wanted)})
        self.found = found
        paths = [(choice.path, choice.path) for choice in found.choices]
        self.fields["weights"].choices = paths  # type: ignore[attr-defined]

    def order(self, by: str) -> Order:
        chosen = self.cleaned_data["weights"]
        choice = next(choice for choice in self.found.choices if choice.path == chosen)
        found = self.found
        facts = {
            "name": found.name.partition("/")[2].removesuffix("-GGUF").removesuffix("-gguf"),
            "organisation": found.organisation,
            "licence": found.licence,
            "access": access_of(found),
            "source": found.page,
        }
        return Order(choice.name, choice.parts, found.name, found.revision, by=by, facts=facts)


def usual(choices: tuple[Choice, ...], wanted: str) -> str:
    """The choice to begin with: the one asked for, a usual one, or the smallest."""
    for ask in (wanted, USUAL):
        for choice in choices:
            if ask and ask.lower() in (choice.name.lower(), choice.quantisation.lower()):
                return choice.path
    return choices[0].path
