"""A campaign as one page to print: what its newest publication says, by the findings of the other
pages. So its ranking can be recomputed from the file of that publication."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from arena.models import Campaign
from arena.plurals import local

from ..archive.results import Result, result_of
from ..charts import Figure
from ..facts import Shares as Places
from ..facts import VoteFacts
from ..models import AnswerSpeed, Snapshot
from ..presentation import policies
from ..presentation.board_view import BoardView
from ..presentation.lines import Line, Scores
from ..presentation.sentences import listed, more
from ..presentation.sheets import Drawing
from ..presentation.wishes import Wishes
from ..refreshing import replay
from . import collection, fairness, flips, integrity, speeds, statistics, vote_figures
from .choosing import Advice, Pick, advise
from .estimates import by_value
from .leaders import Leader, leaders
from .openness import openness
from .reasons import Said, Shares
from .scatters import COST, front

MOST_LISTED = 300  # models in the table
MOST_DRAWN = 30  # models, where the other pages have more
MOST_CATEGORIES = 12
MOST_NAMED = 8
MOST_WIDENED = 2.5  # times the scale of the better half


@dataclass(frozen=True)
class Report:
    """`snapshot`: the newest publication of the overall board."""

    campaign: Campaign
    snapshot: Snapshot

    @cached_property
    def board(self) -> BoardView:
        return BoardView(self.snapshot)

    @cached_property
    def result(self) -> Result:
        return result_of(self.snapshot)

    # What was asked

    @property
    def who(self) -> str:
        return collection.who(self.campaign)

    @property
    def when(self) -> str:
        return collection.when(self.snapshot.facts.votes)

    @property
    def opened(self) -> str:
        return collection.opened(self.campaign)

    @property
    def languages(self) -> str:
        return collection.languages(self.campaign)

    @property
    def blindness(self) -> str:
        return collection.blindness(self.campaign, self.snapshot.facts.votes)

    @property
    def has_brought(self) -> bool:
        return collection.has_brought(self.campaign)

    # The answer

    @property
    def may_be_first(self) -> str:
        """Their names, if there are several, but not all."""
        rated = [line for line in self.board.all_lines if line.rated]
        first = [line.contestant.name for line in rated if line.rating.rank_low == 1]
        if not 1 < len(first) < len(rated):
            return ""
        return _("May be first: %(models)s.") % {"models": listed(more(first, MOST_NAMED))}

    @cached_property
    def advice(self) -> Advice:
        return advise(self.snapshot, Wishes())

    @property
    def picks(self) -> list[Pick]:
        return [pick for pick in self.advice.picks if pick.candidate]

    # The ranking

    @cached_property
    def drawing(self) -> Drawing:
        """To the scale of all models, unless too little would be left for the better half."""
        whole, better = self.board.sheet.scale, self.board.drawing
        if whole.high - whole.low > MOST_WIDENED * (better.scale.high - better.scale.low):
            return better
        room = (whole.high - whole.low) / 20
        return Drawing(Scores(whole.low - room, whole.high + room), has_beyond=False)

    @property
    def axis(self) -> list[tuple[float, str]]:
        return [(mark.at, mark.label) for mark in self.drawing.scale.marks()]

    @cached_property
    def lines(self) -> list[Line]:
        scale = self.drawing.scale
        return [replace(line, scale=scale) for line in self.board.all_lines[:MOST_LISTED]]

    @property
    def has_provisional(self) -> bool:
        return any(line.provisional for line in self.lines)

    @property
    def left_out(self) -> str:
        models = len(self.board.all_lines)
        if models <= MOST_LISTED:
            return ""
        said = _("The best %(shown)s of %(all)s models; the file has all.")
        return said % {"shown": MOST_LISTED, "all": local(f"{models:,}")}

    @cached_property
    def matrix(self) -> Figure:
        return statistics.heat_map_of_wins(self.result)

    @cached_property
    def _categories(self) -> tuple[list[Leader], list[str]]:
        return leaders(self.campaign, MOST_CATEGORIES)

    @property
    def categories(self) -> list[Leader]:
        return self._categories[0]

    @property
    def further_categories(self) -> str:
        names = self._categories[1]
        if not names:
            return ""
        return _("Rated, but not listed here: %(categories)s.") % {"categories": listed(names)}

    # What else is known

    @cached_property
    def reasons(self) -> Shares:
        return Shares.of(self.campaign, self.board.all_lines)

    @property
    def said(self) -> list[Said]:
        return self.reasons.said[:MOST_DRAWN]

    @cached_property
    def speeds(self) -> list[Figure]:
        """Time to the first words, and tokens per second."""
        lines, whole = self.board.all_lines, AnswerSpeed.Prompts.ALL
        rows, _left_out = speeds.rows_of(self.campaign, lines, whole)
        return speeds.figures(self.campaign, rows, self._comparable)[:2]

    @property
    def costs(self) -> Figure:
        return front(COST, self._comparable)

    @property
    def cheapest(self) -> list[Line]:
        """Of known cost, the cheapest first."""
        known = [line for line in self._comparable if line.cost]
        return by_value(known, lambda line: line.cost.value if line.cost else None)[:MOST_DRAWN]

    @property
    def openness(self) -> Figure:
        return openness(self._comparable)

    @cached_property
    def _comparable(self) -> list[Line]:
        lines = self.board.all_lines
        return [line for line in lines if line.rated and not line.contestant.stands_in_for]

    # Its limits

    @property
    def checks(self) -> list[str]:
        """What is known of how far the votes can be trusted."""
        facts, votes = self.snapshot.facts, self.snapshot.facts.votes or VoteFacts()
        return [
            flips.title(facts.flips),
            _with_note(statistics.calibrated(self.result)),
            vote_figures.agreement(votes).title,
            vote_figures.left_side(votes).title,
        ]

    @property
    def integrity(self) -> list[str]:
        known = self.snapshot.facts.integrity
        if known is None:
            return [str(integrity.UNKNOWN)]
        said = [integrity.figure(known, self.snapshot.votes).title]
        if reasons := integrity.by_reason(known):
            said.append(_("By reason: %(reasons)s.") % {"reasons": listed(reasons)})
        return [*said, integrity.suspicions(known)]

    @property
    def sampling(self) -> fairness.Point:
        places = self.snapshot.facts.shares or Places()
        return fairness.sampling(fairness.Evidence(self.campaign, self.snapshot, places))

    @cached_property
    def policy(self) -> policies.Told | None:
        """As it was when this was published; None where no battle is drawn."""
        if self.campaign.kind == Campaign.Kind.IMPORTED or self.snapshot.published is None:
            return None
        return policies.at(self.campaign, self.snapshot.published)

    @property
    def has_texts(self) -> bool:
        return replay.has_texts(self.campaign)

    # How to recompute it

    @property
    def settings(self) -> Mapping[str, Any]:
        return self.result.content.settings

    @property
    def input_sha256(self) -> str:
        """Of `tallies.csv` in the file; that of the snapshot is of rows with primary keys."""
        return str(self.result.content.about["input_sha256"])


def _with_note(figure: Figure) -> str:
    return f"{figure.title} {figure.note}" if figure.drawing else figure.title
