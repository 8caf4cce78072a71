"""Step 1, from no more than a name: the catalogue says where the model runs, and each place leads
to its card."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse

from arena import broker, catalogue
from arena.catalogue import Host, Model
from arena.sites import path_of
from inference.contract.cards import all_cards
from inference.contract.presence import live_workers

from .. import entering
from ..hosting import hosting
from .endpoints import Listing, key_for
from .pages import page


@dataclass(frozen=True)
class Place:
    """Where a model can run, and the page that goes on from there."""

    name: str
    about: str
    url: str


def from_catalogue(request: HttpRequest) -> HttpResponse:
    if name := request.GET.get("model", ""):
        return _places(request, name)
    words = request.GET.get("q", "")
    models = entering.matching(words) if words else []
    return page(request, "from_catalogue", "Which model?", words=words, models=models)


def _places(request: HttpRequest, name: str) -> HttpResponse:
    model = catalogue.find(name)
    if model is None:
        raise Http404("The catalogue does not know this model.")
    places = [*_held(model), *_to_download(model), *_hosted(model)]
    return page(request, "places", f"Where does {model.name} run?", model=model, places=places)


def _held(model: Model) -> Iterator[Place]:
    """The same model's weights, in the folders of workers."""
    for card in all_cards(broker.connection()):
        known = catalogue.find(card.name) or (catalogue.find(card.title) if card.title else None)
        if known and known.name == model.name and not card.error:
            query = urlencode({"weights": card.name})
            url = f"{path_of('admin:arena_contestant_card')}?{query}"
            yield Place(
                f"Here, from {card.name}", "A model worker has reported these weights.", url
            )


def _to_download(model: Model) -> Iterator[Place]:
    if model.architecture is not None:
        about = "A model worker downloads its weights: a repository with GGUF files, or a file."
        yield Place("Here, from Hugging Face", about, path_of("admin:arena_contestant_hub"))


def _hosted(model: Model) -> Iterator[Place]:
    beats = live_workers(broker.connection())
    for host in hosting(model).hosts:
        known = hosting(model, host.slug)
        said = known.revision()
        address = "" if host.protocol.value == "anthropic" else host.base_url
        key = key_for(host.protocol.value, address, beats)
        listing = Listing(host.protocol.value, address, key)
        url = listing.card(said["remote_model"], model.name) if said["remote_model"] else ""
        note = f"{host.note[0].upper()}{host.note[1:]}." if host.note else f"By {host.operator}."
        about = known.warning or note
        yield Place(host.name, about, url if _is_whole(host) and url else _asked(host))


def _is_whole(host: Host) -> bool:
    """Whether its address leaves nothing, such as a {region}, to fill in."""
    return not host.is_own and "{" not in host.base_url


def _asked(host: Host) -> str:
    """The page that asks for the address, and lists the models there."""
    if host.protocol.value == "anthropic":
        return path_of("admin:arena_contestant_anthropic")
    query = urlencode({"suggested": host.base_url})
    return f"{path_of('admin:arena_contestant_api')}?{query}"
