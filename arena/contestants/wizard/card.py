"""Step 2: the contestant's card. What the file, the endpoint, the hub or the catalogue says is
filled in; only what nobody says is asked."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from django import forms
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.text import slugify

from arena import broker, catalogue
from arena.errors import Refused
from arena.models import Contestant, Revision
from arena.probing import running
from arena.sites import path_of
from inference.contract import fetching
from inference.contract.asking import Model
from inference.contract.cards import card_of

from .. import cards, entering, lifecycle
from ..entering import Initial
from . import endpoints
from .pages import page

ASKED = ("name", "organisation", "licence", "access")
NO_TEMPLATE = "The file has no chat template that works here."


@dataclass
class Known:
    """What is known of a model, by field of the contestant and of its first revision."""

    contestant: Initial
    revision: Initial
    back: str  # the page before
    source: str = ""  # where its weights are from
    is_bare: bool = False  # whether it needs a prompt format that nobody knows

    @classmethod
    def of(cls, query: QueryDict) -> Self:
        """From the address of the page. Raises Http404 if it names no model."""
        if any("\0" in value for value in query.values()):
            raise Http404("No model has such a name.")
        if order_id := query.get("order"):
            return cls._of_order(order_id)
        if (weights := query.get("weights", "")) and "/" not in weights:
            return cls._of_weights(weights)
        if query.get("backend") in ("openai", "anthropic") and query.get("model"):
            return cls._of_endpoint(query)
        raise Http404("Nothing has been chosen.")

    @classmethod
    def _of_order(cls, order_id: str) -> Self:
        fetch = fetching.look_up(broker.connection(), order_id)
        if fetch is None:
            raise Http404("There is no such download.")
        said = {name: value for name, value in fetch.order.facts.items() if value}
        known = cls._of_weights(fetch.order.name, said.pop("name", ""))
        known.source = said.pop("source", "")
        said.pop("upload", "")
        known.back = path_of("admin:arena_contestant_download", order_id)
        known.contestant = {**said, **known.contestant}
        return known

    @classmethod
    def _of_weights(cls, name: str, title: str = "") -> Self:
        contestant, revision = entering.from_weights(name)
        card = card_of(broker.connection(), name)
        if contestant["name"] == name:  # the catalogue does not know it
            contestant["name"] = title or (card.title if card else "") or name
        known = {field: value for field, value in contestant.items() if value}
        is_bare = card is not None and not card.has_chat_template
        is_bare = is_bare and not revision.get("prompt_format")
        return cls(known, revision, path_of("admin:arena_contestant_on_workers"), is_bare=is_bare)

    @classmethod
    def _of_endpoint(cls, query: QueryDict) -> Self:
        backend, url, name = (query.get(each, "") for each in ("backend", "url", "model"))
        called = query.get("called") or name.rpartition("/")[2]
        contestant, _ = entering.from_model(called)
        revision = {
            "backend": backend,
            "url": url,
            "key_variable": query.get("key", ""),
            "remote_model": name,
        }
        model = _listed(backend, url, name)
        contestant = _said_by(model) | contestant | _prices_of(model, url) if model else contestant
        if model and model.name and not catalogue.find(called):
            contestant["name"] = model.name
        known = {field: value for field, value in contestant.items() if value not in ("", None)}
        page_name, asked = ("api", f"?{urlencode({'url': url})}") if url else ("anthropic", "")
        return cls(known, revision, path_of(f"admin:arena_contestant_{page_name}") + asked)


def _listed(backend: str, url: str, name: str) -> Model | None:
    models = endpoints.listed(backend, url).models
    return next((model for model in models if model.id == name), None)


def _said_by(model: Model) -> Initial:
    return {"organisation": model.organisation, "context_length": model.context or None}


def _prices_of(model: Model, url: str) -> Initial:
    """Those of today go before the catalogue's. Readers see the source, so it is not the whole
    address."""
    if model.input_usd is None or model.output_usd is None:
        return {}
    return {
        "input_price": round(model.input_usd, 4),
        "output_price": round(model.output_usd, 4),
        "price_date": timezone.now().date(),
        "price_source": f"the list of models at {urlsplit(url).hostname}",
    }


class CardForm(forms.ModelForm):
    """The card of a new contestant. `missing` are the fields that have to be asked."""

    class Meta:
        model = Contestant
        fields = ASKED
        error_messages = {name: cards.MESSAGES[name] for name in ASKED}

    prompt_format = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text=f"{NO_TEMPLATE} Paste one: Jinja, as in its model's tokenizer_config.json.",
    )

    def __init__(self, known: Known, data: QueryDict | None = None) -> None:
        initial = {name: known.contestant.get(name, "") for name in ASKED}
        initial["name"] = free_name(initial["name"], known.revision.get("quantisation", ""))
        super().__init__(data, initial=initial, instance=Contestant(**_rest(known)))
        self.known = known
        if not known.is_bare:
            del self.fields["prompt_format"]

    @property
    def is_to_ask(self) -> list[forms.BoundField]:
        return [each for each in self if not each.initial or each.errors]

    @property
    def is_known(self) -> list[forms.BoundField]:
        return [each for each in self if each.initial and not each.errors]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name, sentence in cards.faults(given):
            self.add_error(name, sentence)
        self.instance.slug = free_slug(given.get("name", ""))
        self.revision = Revision(**self.known.revision)
        self.revision.prompt_format = given.get("prompt_format") or self.revision.prompt_format
        try:
            self.revision.full_clean(exclude=["contestant"], validate_constraints=False)
        except ValidationError as error:
            raise ValidationError([str(m) for m in error.messages]) from error
        if why := entering.objection(self.revision):
            at = "prompt_format" if "prompt_format" in self.fields else NON_FIELD_ERRORS
            self.add_error(None if at == NON_FIELD_ERRORS else at, why)
        return given

    @transaction.atomic
    def enter(self, by: AbstractBaseUser) -> Contestant:
        contestant: Contestant = self.save()
        self.revision.contestant = contestant
        self.revision.save()
        source = f", weights from {self.known.source}" if self.known.source else ""
        lifecycle.enter(contestant, Contestant.State.DRAFT, f"entered{source}", by)
        return contestant


def _rest(known: Known) -> Initial:
    """What is known and not on the form."""
    return {name: value for name, value in known.contestant.items() if name not in ASKED}


def card(request: HttpRequest) -> HttpResponse:
    known = Known.of(request.GET)
    form = CardForm(known, request.POST if request.method == "POST" else None)
    if form.is_valid():
        contestant = form.enter(request.user)  # type: ignore[arg-type]
        with suppress(Refused):  # no worker could answer now; its page says why
            running.begin(form.revision, request.user)  # type: ignore[arg-type]
        return redirect("admin:arena_contestant_ready", contestant.pk)
    return page(
        request, "card", "Its card", step=2, form=form, back=known.back, facts=facts_of(known)
    )


def facts_of(known: Known) -> list[tuple[str, str]]:
    """What else is known, for reading."""
    contestant, revision = known.contestant, known.revision
    rows = [
        ("Weights", revision.get("weights")),
        ("Quantisation", revision.get("quantisation")),
        ("SHA-256", revision.get("weights_sha256")),
        ("Model at the API", revision.get("remote_model")),
        ("Address", revision.get("url")),
        ("Key", revision.get("key_variable")),
        ("Parameters", _number(contestant.get("parameters"))),
        ("Context", _number(contestant.get("context_length"), " tokens")),
        ("Released", contestant.get("release_date")),
        ("Price in", _price(contestant.get("input_price"))),
        ("Price out", _price(contestant.get("output_price"))),
        ("Prices from", contestant.get("price_source")),
        ("From", known.source),
    ]
    return [(name, str(value)) for name, value in rows if value]


def _number(value: Any, unit: str = "") -> str:
    return f"{value:,}{unit}" if value else ""


def _price(value: Any) -> str:
    return "" if value is None else f"{value:g} USD per million tokens"


def free_name(name: str, quantisation: str) -> str:
    """`name`, or with its quantisation if another contestant has it."""
    if quantisation and Contestant.objects.filter(name=name).exists():
        return f"{name} {quantisation}"
    return name


def free_slug(name: str) -> str:
    most = Contestant._meta.get_field("slug").max_length or 80
    slug = slugify(name)[: most - 4] or "model"
    taken = {*Contestant.objects.filter(slug__startswith=slug).values_list("slug", flat=True)}
    return next(
        each for each in (slug, *(f"{slug}-{n}" for n in range(2, 999))) if each not in taken
    )
