"""Pre-fills the form for a new contestant from the workers' weights and the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.text import slugify

from inference.contract.cards import Card, all_cards, card_of
from inference.contract.presence import live_workers

from .. import broker, catalogue
from ..matchmaking import soundness
from ..matchmaking.waiting import slots_of
from ..models import Revision
from .hosting import hosting

Initial = dict[str, Any]
UNITS = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))


@dataclass(frozen=True)
class Offer:
    """Weights that a worker holds, as offered in the admin."""

    card: Card
    live: bool
    entered: bool

    @property
    def facts(self) -> str:
        card = self.card
        size = f"{in_words(card.parameters)} parameters" if card.parameters else ""
        context = f"{card.context:,} tokens of context" if card.context else ""
        template = "" if card.has_chat_template else "no chat template"
        parts = [card.architecture, size, card.quantisation, context, card.licence, template]
        return " · ".join(part for part in parts if part)


def in_words(number: int) -> str:
    """To three digits, such as "135 million"."""
    for unit, word in UNITS:
        if number >= 0.9995 * unit:
            return f"{number / unit:.3g} {word}"
    return f"{number:,}"


def offers() -> list[Offer]:
    connection = broker.connection()
    live = slots_of(live_workers(connection))
    entered = set(Revision.objects.values_list("weights", flat=True))
    return [Offer(c, c.name in live, c.name in entered) for c in all_cards(connection)]


def matching(words: str) -> list[catalogue.Model]:
    """Models in the catalogue that match all these words by name, organisation or family."""
    wanted = words.lower().split()
    models = catalogue.load().models.values()
    return [
        model
        for model in sorted(models, key=lambda model: model.name.lower())
        if all(w in f"{model.name} {model.organisation} {model.family}".lower() for w in wanted)
    ]


def from_model(name: str, host: str = "") -> tuple[Initial, Initial]:
    """Fields of the contestant and of its first revision, from the catalogue."""
    model = catalogue.find(name)
    if model is None:
        return {"name": name, "slug": slugify(name)}, {}
    return _contestant(model), hosting(model, host).revision() or _prompting(model)


def from_weights(name: str) -> tuple[Initial, Initial]:
    """The same from weights: the file's own metadata, otherwise the catalogue's facts."""
    card = card_of(broker.connection(), name)
    model = catalogue.find(name) or (card and card.title and catalogue.find(card.title)) or None
    contestant, revision = (_contestant(model), _prompting(model)) if model else ({}, {})
    revision |= {"backend": Revision.Backend.LLAMA_CPP.value, "weights": name}
    contestant = {"name": name, "slug": slugify(name)} | contestant
    if card:
        contestant |= _known(parameters=card.parameters, context_length=card.context)
        contestant.setdefault("licence", card.licence)
        revision |= _known(weights_sha256=card.sha256, quantisation=card.quantisation)
        if card.has_chat_template:
            revision.pop("prompt_format", None)  # prefer the template in the file
    return contestant, revision


def objection(revision: Revision) -> str:
    """Why no worker could answer with `revision`, as a sentence; "" if no reason is known."""
    if said := soundness.of_values(revision):
        return said
    connection = broker.connection()
    if revision.is_remote:
        key, url = revision.key_variable, revision.url
        return soundness.of_key(key, url, revision.backend, live_workers(connection))
    card = card_of(connection, revision.weights)
    is_bare = card is not None and not card.error and not card.has_chat_template
    return (
        soundness.of_room(revision, card)
        or soundness.of_format(revision)
        or soundness.of_weights(revision, {revision.weights} if is_bare else ())
    )


def _contestant(model: catalogue.Model) -> Initial:
    known = _known(**model.contestant())
    for name, value in known.items():
        if isinstance(value, date):
            known[name] = value.isoformat()
    return known | {"slug": slugify(model.name)}


def _prompting(model: catalogue.Model) -> Initial:
    if model.format is None:
        return {}
    return {"prompt_format": model.format.template, "stop": list(model.format.stop)}


def _known(**facts: Any) -> Initial:
    return {name: value for name, value in facts.items() if value}
