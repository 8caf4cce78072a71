"""Published snapshots: a list, a permalink each, and the file to recompute it from."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from arena.models import Campaign
from ratings import boards
from ratings.board_view import BoardView
from ratings.cached import by_snapshot
from ratings.changes import Change, changes
from ratings.models import Snapshot

from .finding import campaign_of


@by_snapshot
@require_GET
def snapshots(request: HttpRequest, campaign: str) -> HttpResponse:
    """/leaderboard/<campaign>/snapshots/"""
    chosen = campaign_of(campaign)
    published = published_of(chosen).order_by("-pk")
    page = Paginator(published, 50).get_page(request.GET.get("page"))
    context = {"campaign": chosen, "page": page, "here": "snapshots"}
    return render(request, "leaderboard/snapshots.html", context)


@by_snapshot
@require_GET
def snapshot(request: HttpRequest, public_id: str) -> HttpResponse:
    """/leaderboard/snapshots/<public_id>/"""
    found = get(public_id)
    newest = published_of(found.board.campaign, found.board.slug).order_by("-pk").first()
    since: list[Change] = []
    if newest is not None and newest.pk != found.pk:
        since = changes(found, newest)
    context: dict[str, Any] = {
        "snapshot": found,
        "campaign": found.board.campaign,
        "board": BoardView(found),
        "newest": newest,
        "changes": since,
        "here": "snapshots",
    }
    return render(request, "leaderboard/snapshot.html", context)


@require_GET
def archive(request: HttpRequest, public_id: str) -> HttpResponse:
    """/leaderboard/snapshots/<public_id>.zip"""
    found = get(public_id)
    data = Snapshot.objects.values_list("archive", flat=True).get(pk=found.pk)
    response = HttpResponse(bytes(data or b""), content_type="application/zip")
    name = f"{found.board.campaign.slug}-{found.public_id}.zip"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def get(public_id: str) -> Snapshot:
    """Raises Http404."""
    found = get_object_or_404(
        Snapshot.objects.exclude(published=None).defer("archive").select_related("board__campaign"),
        public_id=public_id,
    )
    if found.board.campaign.visibility == Campaign.Visibility.INVITATION:
        raise Http404("There is no such snapshot.")
    return found


def published_of(campaign: Campaign, slug: str = boards.OVERALL) -> QuerySet[Snapshot]:
    found = Snapshot.objects.filter(board__campaign=campaign, board__slug=slug)
    return found.exclude(published=None).defer("archive").select_related("board__campaign")
