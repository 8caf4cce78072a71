"""The leaderboard. Pages read the newest snapshot; nothing is computed in a request."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from arena.models import Campaign

from .models import Board
from .presentation import BoardView


@never_cache
@require_GET
def leaderboard(request: HttpRequest) -> HttpResponse:
    """/leaderboard/"""
    return render(request, "leaderboard/page.html", {"board": _live()})


@never_cache
@require_GET
def data(request: HttpRequest) -> JsonResponse:
    """/leaderboard/data.json"""
    return JsonResponse(_live().as_data())


def _live() -> BoardView:
    boards = Board.objects.filter(campaign__kind=Campaign.Kind.LIVE, slug="overall")
    board = boards.order_by("campaign_id").first()
    return BoardView(board.newest() if board else None)
