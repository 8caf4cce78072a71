"""Why a page of the leaderboard, or an answer of its API, is empty: one table of cases."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from arena.models import Campaign
from arena.plurals import counted, local

from ..freshness import for_a_moment
from ..models import Board, Snapshot, Trouble
from ..refreshing import replay, troubles
from .board_view import USUAL, BoardView
from .choices import Choices
from .slice_view import SliceView, slice_view

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

_troubles = for_a_moment(troubles.of)


class Case(StrEnum):
    NO_MATCH = "no-match"
    TROUBLE = "trouble"
    COUNTING = "counting"
    BUSY = "busy"
    FEW_IN_SLICE = "few-in-slice"
    NONE_IN_SLICE = "none-in-slice"
    RANGE_OF_A_DAY = "range-of-a-day"
    NONE_BY_THEN = "none-by-then"
    NO_TEXTS = "no-texts"
    FEW_TEXTS = "few-texts"
    NO_STYLE = "no-style"
    NO_ELO = "no-elo"
    NO_TIES = "no-ties"
    UNPUBLISHED = "unpublished"
    NO_VOTES_HERE = "no-votes-here"
    NO_VOTES = "no-votes"


@dataclass(frozen=True)
class Vacancy:
    """What a reader is told.

    Attributes:
        way_out: words of a link; empty if there is nothing to do but wait.
        query: of that link, which leads to the same page; or
        page: the page it leads to.
        keeps_choices: whether the choices stay above it.
        is_passing: whether it may pass by itself, within seconds or with new votes.
    """

    title: str | StrPromise
    sentence: str | StrPromise
    way_out: str | StrPromise = ""
    query: str = ""
    page: str = ""
    keeps_choices: bool = False
    is_passing: bool = False

    @property
    def in_words(self) -> str:
        """For programs."""
        return f"{self.title}. {self.sentence}"


SHOW_ALL_VOTES = _("Show all votes")
AS_VOTED = _("Show without style control")
CASES = {
    Case.NO_MATCH: Vacancy(
        _("No models match your filters"),
        _("None of the {models} models on this board match all of your filters."),
        _("Show all"),
        keeps_choices=True,
    ),
    Case.TROUBLE: Vacancy(
        _("No ranking here"),
        _("{trouble} It is retried when the votes change, and from time to time."),
        keeps_choices=True,
        is_passing=True,
    ),
    Case.COUNTING: Vacancy(
        _("{slice}: being counted"),
        _("{counted} being rated. The ranking appears here automatically, within seconds."),
        keeps_choices=True,
        is_passing=True,
    ),
    Case.BUSY: Vacancy(
        _("Too many ranges of months at once"),
        _("Other ranges are being counted. Try again in ten minutes, or choose a single month."),
        SHOW_ALL_VOTES,
        keeps_choices=True,
    ),
    Case.FEW_IN_SLICE: Vacancy(
        _("{slice}: {votes} of {needed_votes}"),
        _("That is too few for a meaningful ranking. It appears here once there are {needed}."),
        SHOW_ALL_VOTES,
        keeps_choices=True,
    ),
    Case.NONE_IN_SLICE: Vacancy(
        _("{slice}: no votes yet"),
        _("A ranking needs {needed} of them."),
        SHOW_ALL_VOTES,
        keeps_choices=True,
    ),
    Case.RANGE_OF_A_DAY: Vacancy(
        _("Ranges of months have no past boards"),
        _(
            "Only all votes and each category or single month are published and kept for every "
            "date."
        ),
        _("Show all votes, as of {day}"),
        query="on={on}",
    ),
    Case.NONE_BY_THEN: Vacancy(
        _("Nothing had been published by then"),
        _("The first publication of this board came after {day}."),
        _("Show today’s board"),
    ),
    Case.NO_TEXTS: Vacancy(
        _("No texts, no style control"),
        _("Style control needs the texts of the answers, and these votes came without them."),
        AS_VOTED,
        keeps_choices=True,
    ),
    Case.FEW_TEXTS: Vacancy(
        _("Style control: {texts} of {needed_votes}"),
        _(
            "It needs {needed_votes} on answers whose texts are here, and is computed once a "
            "minute."
        ),
        AS_VOTED,
        keeps_choices=True,
    ),
    Case.NO_STYLE: Vacancy(
        _("Style control: not available, or not yet"),
        _(
            "It is computed once a minute, but not where some votes came aggregated per pair or "
            "all answers are alike in style."
        ),
        AS_VOTED,
        keeps_choices=True,
    ),
    Case.NO_ELO: Vacancy(
        _("No Elo ratings yet"),
        _(
            "Elo needs the order in which votes were cast. Aggregated votes have none; others are "
            "replayed once a minute."
        ),
        _("Show Bradley-Terry"),
    ),
    Case.NO_TIES: Vacancy(
        _("Not rated by this model of ties yet"),
        _(
            "It needs more wins among the ties. With enough, the ranking appears here "
            "automatically, within seconds."
        ),
        _("Count ties as half a win"),
        keeps_choices=True,
        is_passing=True,
    ),
    Case.UNPUBLISHED: Vacancy(
        _("Not published yet"),
        _("The ranking is there. Its first publication follows, usually within minutes."),
        is_passing=True,
    ),
    Case.NO_VOTES_HERE: Vacancy(
        _("No votes yet"),
        _("As soon as votes are counted in this campaign, its ranking appears here."),
    ),
    Case.NO_VOTES: Vacancy(
        _("No votes yet"),
        _("The first vote produces the first ranking, within two seconds."),
        _("New battle"),
        page="home",
    ),
}
TEXTS = ("title", "sentence", "way_out", "query")
OF_STATES = {"counting": Case.COUNTING, "busy": Case.BUSY}  # `SliceView.state`


def vacancy(campaign: Campaign | None, board: BoardView) -> Vacancy | None:
    """Why no line of the board is shown; None if some are. Asks the database only then."""
    if board.lines:
        return None
    choices = board.choices
    shown = slice_view(campaign, choices.part, board.snapshot) if campaign else None
    trouble = trouble_of(campaign, choices)
    case = case_of(campaign, board, shown, trouble)
    words = {
        "models": local(f"{len(board.all_lines):,}"),
        "trouble": trouble.sentence if trouble else "",
        "texts": texts_of(campaign) if campaign and case == Case.FEW_TEXTS else "",
        "day": date_format(choices.day, "DATE_FORMAT") if choices.day else "",
        "on": choices.on,
        **_numbers(shown),
    }
    texts = {name: getattr(CASES[case], name).format(**words) for name in TEXTS}
    return replace(CASES[case], **texts)


def unpublished(campaign: Campaign, newest: Snapshot | None) -> Vacancy | None:
    """Why a campaign has no publications; `newest` is the newest snapshot of its default board."""
    trouble = trouble_of(campaign, USUAL)
    if newest is None or trouble is not None:
        return vacancy(campaign, BoardView(None))
    return CASES[Case.UNPUBLISHED]


def texts_of(campaign: Campaign) -> str:
    return local(f"{replay.with_texts(campaign):,}")


def _numbers(shown: SliceView | None) -> dict[str, str]:
    votes = shown.votes if shown else 0
    return {
        "slice": shown.name if shown else "",
        "votes": local(f"{votes:,}"),
        "counted": counted(votes, "vote"),
        "needed": local(f"{settings.SLICE_VOTES:,}"),
        "needed_votes": counted(settings.SLICE_VOTES, "vote"),
    }


def trouble_of(campaign: Campaign | None, choices: Choices) -> Trouble | None:
    """Why the chosen board is stale. The board of a day never is."""
    if campaign is None or choices.day:
        return None
    return _troubles(campaign).get(choices.board_slug)


def case_of(
    campaign: Campaign | None, board: BoardView, shown: SliceView | None, trouble: Trouble | None
) -> Case:
    choices = board.choices
    if board.all_lines:
        return Case.NO_MATCH
    if trouble is not None:
        return Case.TROUBLE
    if choices.day:
        return Case.RANGE_OF_A_DAY if shown and shown.is_range else Case.NONE_BY_THEN
    if shown is not None and not shown.whole:
        few = Case.FEW_IN_SLICE if shown.votes else Case.NONE_IN_SLICE
        return OF_STATES.get(shown.state, few)
    return _of_all_votes(campaign, choices, is_voted=shown is not None and shown.votes > 0)


def _of_all_votes(campaign: Campaign | None, choices: Choices, *, is_voted: bool) -> Case:
    if choices.style and campaign is not None:
        return _without_style(campaign)
    if choices.method == Board.Method.ELO:
        return Case.NO_ELO
    if is_voted:
        return Case.NO_TIES if choices.ties else Case.COUNTING
    is_live = campaign is None or campaign.kind == Campaign.Kind.LIVE
    return Case.NO_VOTES if is_live else Case.NO_VOTES_HERE


def _without_style(campaign: Campaign) -> Case:
    if not replay.has_texts(campaign):
        return Case.NO_TEXTS
    is_few = replay.with_texts(campaign) < settings.SLICE_VOTES
    return Case.FEW_TEXTS if is_few else Case.NO_STYLE
