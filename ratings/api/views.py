"""The leaderboard for programs: read-only JSON, version 1, for any site to call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from functools import wraps
from math import ceil
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from arena.errors import Code, Refused
from arena.labels.slices import group_of, name_of
from arena.models import Campaign
from arena.odd_rows import Skipping
from arena.sites import path_of

from ..archive.results import result_of
from ..boards import listing
from ..core.questions.margins import Judgement
from ..findings import checks as found_checks
from ..findings import shares as found_shares
from ..findings import speeds
from ..findings.choosing import advise
from ..models import Board, CheckCount, Snapshot
from ..pages.cached import by_snapshot
from ..pages.compare import unknown_of
from ..pages.data import as_csv, as_parquet, rows_of
from ..pages.finding import campaign_of, missing, newest, overall
from ..pages.reasons import shares_of as reason_shares
from ..pages.shares import shares_of
from ..pages.snapshots import get, published_of
from ..presentation import margins
from ..presentation.board_view import BoardView
from ..presentation.pair import Pair, pair_of
from ..presentation.vacancy import vacancy
from ..presentation.wishes import Wishes
from .choosing import advice_data, candidate_data
from .description import OPENAPI
from .queries import check, choices_of, page_of, whole
from .reasons import reason_data

READING = ("GET", "HEAD")
View = Callable[..., HttpResponse]
Row = TypeVar("Row")


def for_anybody(view: View) -> View:
    """Cached, and readable by scripts of other sites, as nothing here is specific to a visitor.
    Errors are JSON."""

    @by_snapshot
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method not in READING:
            raise Refused("The API is read-only.", code=Code.METHOD, status=405)
        check(request)
        return view(request, *args, **kwargs)

    @csrf_exempt  # POST is rejected in JSON as well
    @wraps(view)
    def open_view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = checked(request, *args, **kwargs)
        except Refused as refusal:
            said = {"error": str(refusal), "code": refusal.code}
            response = JsonResponse(said, status=refusal.status)
            if refusal.status == 405:
                response["Allow"] = ", ".join(READING)
        response["Access-Control-Allow-Origin"] = "*"
        return response

    return open_view


@for_anybody
def description(request: HttpRequest) -> JsonResponse:
    """/api/v1/: OpenAPI"""
    return JsonResponse(OPENAPI)


@for_anybody
def campaigns(request: HttpRequest) -> JsonResponse:
    """/api/v1/campaigns/"""
    return shown(request, listing.public_campaigns(), about_campaign)


@for_anybody
def ratings(request: HttpRequest, campaign: str) -> JsonResponse:
    """/api/v1/campaigns/<campaign>/ratings/: the newest board, with the filters of the page"""
    board = chosen_board(request, campaign)
    rows, left_out = rows_of(board)
    why = vacancy(campaign_of(campaign), board)
    return paginated(
        request,
        rows,
        left_out,
        snapshot=about(board.snapshot),
        facts=facts(board.snapshot),
        empty=why and why.in_words,
    )


@for_anybody
def slices(request: HttpRequest, campaign: str) -> JsonResponse:
    """/api/v1/campaigns/<campaign>/slices/: what `slice` may be, besides all votes"""
    return shown(request, listing.slices_of(campaign_of(campaign)), about_slice)


@for_anybody
def shares(request: HttpRequest, campaign: str) -> JsonResponse:
    """/api/v1/campaigns/<campaign>/shares/: whose models were in the battles, over time"""
    found = shares_of(campaign_of(campaign))
    return paginated(
        request, [row._asdict() for row in found_shares.rows_of(found)], unit=found.unit
    )


@for_anybody
def response_times(request: HttpRequest, campaign: str) -> JsonResponse:
    """/api/v1/campaigns/<campaign>/response-times/: how fast models answer here"""
    found = campaign_of(campaign)
    rows, left_out = speeds.rows_of(found, BoardView(overall(found)).all_lines)
    return paginated(request, [speed_data(row) for row in rows], left_out)


@for_anybody
def reasons(request: HttpRequest, campaign: str) -> JsonResponse:
    """/api/v1/campaigns/<campaign>/reasons/: what voters say of models"""
    found = reason_shares(campaign_of(campaign))
    return paginated(request, [reason_data(row) for row in found.rows], found.left_out)


@for_anybody
def checks(request: HttpRequest, campaign: str) -> JsonResponse:
    """/api/v1/campaigns/<campaign>/checks/: which models were right, once it has ended"""
    counts = found_checks.counts_of(campaign_of(campaign))
    return paginated(request, [check_data(count) for count in counts])


def check_data(count: CheckCount) -> dict[str, Any]:
    share = found_checks.share_of(count)
    return {
        "model": count.contestant.name,
        "slug": count.contestant.slug,
        "right": count.right,
        "wrong": count.wrong,
        "no_answer": count.unanswered,
        "unchecked": count.unchecked,
        "share": share and share._asdict(),
    }


def speed_data(row: speeds.Row) -> dict[str, Any]:
    estimates = {
        "first_words_s_median": row.first,
        "first_words_s_p90": row.first_slow,
        "tokens_per_second_median": row.rate,
        "tokens_per_second_p10": row.rate_slow,
    }
    return {
        "model": row.name,
        "slug": row.speed.contestant.slug,
        "prompts": row.speed.prompts,
        "answers": row.speed.answers,
        **{name: each and each._asdict() for name, each in estimates.items()},
    }


@for_anybody
def ratings_csv(request: HttpRequest, campaign: str) -> HttpResponse:
    """/api/v1/campaigns/<campaign>/ratings.csv: all of it"""
    return as_csv(chosen_board(request, campaign))


@for_anybody
def ratings_parquet(request: HttpRequest, campaign: str) -> HttpResponse:
    """/api/v1/campaigns/<campaign>/ratings.parquet: all of it"""
    return as_parquet(chosen_board(request, campaign))


@for_anybody
def snapshots(request: HttpRequest, campaign: str) -> JsonResponse:
    """/api/v1/campaigns/<campaign>/snapshots/: published ones of a board, newest first"""
    slug = choices_of(request).board_slug
    published = published_of(campaign_of(campaign), slug).order_by("-pk")
    return shown(request, published, about)


@for_anybody
def snapshot(request: HttpRequest, public_id: str) -> JsonResponse:
    """/api/v1/snapshots/<public_id>/"""
    found = get(public_id)
    rows, left_out = rows_of(BoardView(found))
    more = {"snapshot": about(found), "facts": facts(found), "empty": None}
    return paginated(request, rows, left_out, **more)


@for_anybody
def compare(request: HttpRequest, campaign: str) -> JsonResponse:
    """/api/v1/campaigns/<campaign>/compare/?a=<slug>&b=<slug>&margin=<points>"""
    found = overall(campaign_of(campaign))
    if found is None:
        raise missing("There are no ratings yet.")
    result, a, b = result_of(found), request.GET.get("a", ""), request.GET.get("b", "")
    if unknown := unknown_of(result, a, b):
        raise missing(f"No model has the slug {unknown[0]} here.")
    pair = pair_of(result, a, b, whole(request, "margin", margins.USUAL, margins.MOST))
    if pair is None:
        raise missing("Give the slugs of two different models as a and b.")
    numbers = asdict(pair.comparison) if pair.comparison else {}
    record = {name: getattr(pair, name) for name in ("wins", "losses", "ties", "both_bad")}
    return JsonResponse(
        {
            "a": pair.a["slug"],
            "b": pair.b["slug"],
            **record,
            **{name: value for name, value in numbers.items() if name not in ("a", "b")},
            **(judgement_data(pair, pair.judgement) if pair.judgement else {}),
            "exact": pair.is_exact,
            "snapshot": about(found),
        }
    )


@for_anybody
def choose(request: HttpRequest, campaign: str) -> JsonResponse:
    """/api/v1/campaigns/<campaign>/choose/: which model to use"""
    wishes = Wishes.of(request.GET)
    found = newest(campaign_of(campaign), wishes.choices)
    if found is None:
        raise missing("There are no such ratings yet.")
    advice = advise(found, wishes)
    rows = [candidate_data(one, is_good=advice.is_good(one)) for one in advice.candidates]
    return paginated(request, rows, **advice_data(advice), snapshot=about(found))


def judgement_data(pair: Pair, found: Judgement) -> dict[str, Any]:
    """The two models with a margin; p-values are those of this pair alone."""
    is_a = pair.comparison is not None and found.better == pair.comparison.a
    both = (found.better_not_worse_p, found.other_not_worse_p)
    a_not_worse, b_not_worse = both if is_a else both[::-1]
    return {
        "margin": found.margin,
        "margin_share": found.share,
        "better": pair.a["slug"] if is_a else pair.b["slug"],
        "verdict": found.relation,
        "verdict_among_all": found.relation_among_all,
        "as_good_p": found.as_good_p,
        "a_not_worse_p": a_not_worse,
        "b_not_worse_p": b_not_worse,
        "votes_until_separated": pair.needed,
        "votes_until_as_good": pair.until_as_good,
    }


@for_anybody
def elsewhere(request: HttpRequest) -> JsonResponse:
    """Everything else below /api/"""
    raise missing("There is no such address. /api/v1/ describes the valid ones.")


def chosen_board(request: HttpRequest, campaign: str) -> BoardView:
    choices = choices_of(request)
    return BoardView(newest(campaign_of(campaign), choices), choices)


def shown(request: HttpRequest, rows: Iterable[Row], show: Callable[[Row], Any]) -> JsonResponse:
    skipping = Skipping()
    return paginated(request, [*skipping.shown(rows, show)], skipping.count)


def paginated(
    request: HttpRequest, rows: Sequence[Any], left_out: int = 0, **more: Any
) -> JsonResponse:
    """One page of results. A page after the last one is empty, so that a client's loop ends."""
    page, size = page_of(request)
    return JsonResponse(
        {
            "results": rows[(page - 1) * size : page * size],
            "count": len(rows),
            "page": page,
            "pages": max(1, ceil(len(rows) / size)),
            "left_out": left_out,
            **more,
        }
    )


def about_campaign(campaign: Campaign) -> dict[str, Any]:
    return {
        "slug": campaign.slug,
        "name": campaign.name,
        "kind": campaign.kind,
        "source": campaign.source,
        "licence": campaign.licence,
        "ratings": path_of("api_ratings", campaign.slug),
    }


def about_slice(board: Board) -> dict[str, Any]:
    return {
        "slice": board.slice,
        "name": name_of(board.slice),
        "group": group_of(board.slice),
        "votes": board.votes,
        "rated": listing.has_enough(board),
    }


def facts(snapshot: Snapshot | None) -> dict[str, Any]:
    return snapshot.facts.dump() if snapshot else {}


def about(snapshot: Snapshot | None) -> dict[str, Any] | None:
    if snapshot is None:
        return None
    permanent = snapshot.published is not None
    return {
        "id": snapshot.public_id,
        "board": snapshot.board.slug,
        "slice": snapshot.board.slice,
        "method": snapshot.board.method,
        "computed": snapshot.created.isoformat(),
        "published": snapshot.published.isoformat() if snapshot.published else None,
        "votes": snapshot.votes,
        "voters": together.number if (together := snapshot.facts.voters) else None,
        "code_version": snapshot.code_version,
        "archive": path_of("snapshot_archive", snapshot.public_id) if permanent else None,
        "archive_sha256": snapshot.archive_sha256 if permanent else None,
    }
