"""Step 1: where the model is."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from arena import broker
from inference.contract import fetching
from inference.contract.presence import live_workers

from .. import entering
from .pages import page


def where(request: HttpRequest) -> HttpResponse:
    connection = broker.connection()
    workers = live_workers(connection)
    offers = entering.offers()
    fetches = fetching.all_fetches(connection)
    context: dict[str, Any] = {
        "new": sum(offer.live and not offer.entered for offer in offers),
        "can_fetch": any(worker.fetches_to for worker in workers),
        "has_downloads": bool(fetches),
        "fetches": [f for f in fetches if not is_entered(f, offers)],
    }
    return page(request, "where", "Where is the model?", **context)


def is_entered(fetch: fetching.Fetch, offers: list[entering.Offer]) -> bool:
    """Whether a download has become a contestant, so that its page has no use any more."""
    entered = {offer.card.name for offer in offers if offer.entered}
    return fetch.state is fetching.State.DONE and fetch.order.name in entered


def on_workers(request: HttpRequest) -> HttpResponse:
    offers = sorted(entering.offers(), key=lambda offer: (offer.entered, bool(offer.card.error)))
    return page(request, "on_workers", "Which weights?", offers=offers)
