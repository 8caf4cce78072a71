"""Step 1, while weights are on their way: how far they are, stopping and resuming."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from arena import broker
from inference.contract import fetching
from inference.contract.cards import Card, card_of
from inference.contract.fetching import Fetch, State
from inference.contract.limits import FETCHING
from inference.contract.presence import live_workers

from . import uploads
from .pages import page

LIST = "list"  # where somebody acts on a download from


@dataclass(frozen=True)
class Watched:
    """A download, as its page shows it."""

    fetch: Fetch
    card: Card | None  # once the worker has examined the file
    is_served: bool

    @property
    def is_ready(self) -> bool:
        return self.is_served and self.card is not None and not self.card.error

    @property
    def is_examined(self) -> bool:
        return self.is_ready or bool(self.card and self.card.error)

    @property
    def is_moving(self) -> bool:
        """Whether the page should look again soon."""
        done = self.fetch.state is State.DONE
        return not self.is_examined if done else not self.fetch.state.is_over

    @property
    def placed(self) -> datetime:
        return datetime.fromtimestamp(self.fetch.order.placed, UTC)

    @property
    def word(self) -> str:
        """Its state, for the list."""
        if self.fetch.is_cut_off:
            return "interrupted: its model worker is not running"
        if self.card is not None and self.card.error:
            return "arrived, but cannot be run"
        percent = self.fetch.progress.percent
        state = self.fetch.state
        moving = state in (State.RUNNING, State.STOPPED) and percent is not None
        return f"{state.value}, {percent}%" if moving else state.value

    @property
    def why(self) -> str:
        """What went wrong."""
        return (self.card.error if self.card else "") or self.fetch.progress.note

    @property
    def time_left(self) -> str:
        seconds = self.fetch.progress.seconds_left
        return "" if seconds is None else in_words(seconds)


def downloads(request: HttpRequest) -> HttpResponse:
    """All of them, the newest first; also those whose weights are a contestant by now."""
    fetches = [watch(fetch) for fetch in reversed(fetching.all_fetches(broker.connection()))]
    days = FETCHING.kept_s // (24 * 3600)
    return page(request, "downloads", "Downloads", fetches=fetches, days=days)


def download(request: HttpRequest, order_id: str) -> HttpResponse:
    fetch = fetching.look_up(broker.connection(), order_id)
    if fetch is None:
        raise Http404("There is no such download.")
    if request.method == "POST":
        return _act(request.POST.get("do", ""), fetch, request.POST.get("to", ""))
    watched = watch(fetch)
    if fetch.state is State.DONE and fetch.order.is_ours:
        uploads.forget(fetch.order)
    return page(request, "download", fetch.order.name, watched=watched, fetch=fetch)


def watch(fetch: Fetch) -> Watched:
    if fetch.state is not State.DONE:
        return Watched(fetch, None, False)
    connection = broker.connection()
    card = card_of(connection, fetch.order.name)
    is_ours = card is not None and (card.error or card.sha256 == fetch.progress.sha256)
    served = any(fetch.order.name in beat.serves for beat in live_workers(connection))
    return Watched(fetch, card if is_ours else None, served)


def _act(do: str, fetch: Fetch, to: str) -> HttpResponse:
    """Do it, and lead back to where it was asked for."""
    connection, order_id = broker.connection(), fetch.order.id
    if do == "discard":
        fetching.discard(connection, order_id)
        uploads.forget(fetch.order)
        return redirect(f"admin:arena_contestant_{'downloads' if to == LIST else 'choose'}")
    if do == "stop":
        fetching.stop(connection, order_id)
    elif do == "resume":
        fetching.resume(connection, order_id)
    if to == LIST:
        return redirect("admin:arena_contestant_downloads")
    return redirect("admin:arena_contestant_download", order_id)


def in_words(seconds: float) -> str:
    if seconds < 60:
        return "less than a minute"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"about {minutes} minute{'' if minutes == 1 else 's'}"
    return f"about {round(minutes / 60)} hours"
