"""Published snapshots: a list, a permalink each, and the file to recompute it from."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.db.models.functions import Length
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition

from arena.labels.slices import name_of as name_of_slice
from arena.models import Campaign
from ratings.archive.snapshot_file import holds_votes
from ratings.boards import listing
from ratings.findings.changes import Change, changes
from ratings.models import Board, Snapshot
from ratings.presentation import paging
from ratings.presentation.board_view import BoardView
from ratings.presentation.choices import Choices
from ratings.presentation.names import listed, name_of, query_of
from ratings.presentation.paging import Address
from ratings.presentation.slice_view import slice_view
from ratings.presentation.vacancy import unpublished

from .finding import campaign_of, missing, overall
from .public import PublicPage, View, Visit, rendered

A_YEAR = 31_536_000  # seconds
NAMES_BOARD = ("slice", "style", "method", "ties")  # in a URL


@PublicPage
def snapshots(visit: Visit, campaign: str) -> HttpResponse:
    """/leaderboard/<campaign>/snapshots/"""
    chosen, choices = campaign_of(campaign), Choices.of(visit.query)
    board = Board.objects.filter(campaign=chosen, slug=choices.board_slug).first()
    published = published_of(chosen, choices.board_slug).order_by("-pk")
    boards = listed(newest_of(chosen))
    context = {
        "campaign": chosen,
        "page": Paginator(published, 50).get_page(visit.query.get("page")),
        "name": name_of(board) if board else name_of_slice(choices.part),
        "boards": boards,
        "slug": choices.board_slug,
        "choices": choices,
        "vacancy": None if boards else unpublished(chosen, overall(chosen)),
        "kept": [(name, value) for name in NAMES_BOARD if (value := getattr(choices, name))],
        "here": "snapshots",
    }
    return rendered(visit, "leaderboard/snapshots.html", context)


@PublicPage
def snapshot(visit: Visit, public_id: str, page: str = "") -> HttpResponse:
    """/leaderboard/snapshots/<public_id>/, in static copies .../pages/<page>/"""
    found = get(public_id)
    board = BoardView(found, asked_page=paging.asked(page or visit.query.get("page", "")))
    newest = published_of(found.board.campaign, found.board.slug).order_by("-pk").first()
    since: list[Change] = []
    if newest is not None and newest.pk != found.pk:
        since = changes(found, newest)
    file = file_of(found)
    context: dict[str, Any] = {
        "snapshot": found,
        "size": len(file),
        "has_votes": holds_votes(file),
        "campaign": found.board.campaign,
        "board": board,
        "paging": board.paging(Address(visit.site, "", "snapshot_page", public_id)),
        "name": name_of(found.board),
        "query": query_of(found.board),
        "slice": slice_view(found.board.campaign, found.board.slice, found),
        "worth": found.facts.style,
        "newest": newest,
        "changes": since,
        "here": "snapshots",
    }
    return rendered(visit, "leaderboard/snapshot.html", context)


def _etag_of_archive(request: HttpRequest, public_id: str) -> str:
    return f'"{get(public_id).archive_sha256}"'


def _for_good(view: View) -> View:
    """A published file never changes; browsers keep it, so this process need not."""
    unless_known = condition(etag_func=_etag_of_archive)(view)
    return cache_control(public=True, max_age=A_YEAR, immutable=True)(unless_known)


@partial(PublicPage, cached=_for_good)
def archive(visit: Visit, public_id: str) -> HttpResponse:
    """/leaderboard/snapshots/<public_id>.zip"""
    found = get(public_id)
    response = HttpResponse(file_of(found), content_type="application/zip")
    name = f"{found.board.campaign.slug}-{found.public_id}.zip"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def newest_of(campaign: Campaign) -> QuerySet[Snapshot]:
    """The newest publication of each board."""
    found = listing.newest_publications(Board.objects.filter(campaign=campaign))
    return found.defer("archive").select_related("board__campaign")


def file_of(snapshot: Snapshot) -> bytes:
    return bytes(Snapshot.objects.values_list("archive", flat=True).get(pk=snapshot.pk) or b"")


def size_of(snapshot: Snapshot) -> int:
    """Of its file, in bytes, without reading it."""
    sizes = Snapshot.objects.annotate(size=Length("archive")).values_list("size", flat=True)
    return sizes.get(pk=snapshot.pk) or 0


def get(public_id: str) -> Snapshot:
    """Raises Refused."""
    published = Snapshot.objects.exclude(published=None).filter(public_id=public_id)
    found = published.defer("archive").select_related("board__campaign").first()
    if found is None or found.board.campaign.visibility == Campaign.Visibility.INVITATION:
        raise missing(_("There is no such snapshot."))
    return found


def published_of(campaign: Campaign, slug: str = listing.OVERALL) -> QuerySet[Snapshot]:
    found = Snapshot.objects.filter(board__campaign=campaign, board__slug=slug)
    return found.exclude(published=None).defer("archive").select_related("board__campaign")
