"""Which model should we use?"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from arena.energy import METHOD
from ratings.findings.choosing import advise
from ratings.presentation.board_view import BoardView
from ratings.presentation.slice_view import chooser, slice_view
from ratings.presentation.vacancy import vacancy
from ratings.presentation.wishes import PLACES, Wishes

from .finding import campaign_of, newest
from .public import PublicPage, Visit, rendered


@PublicPage
def choose(visit: Visit, campaign: str) -> HttpResponse:
    """/leaderboard/<campaign>/choose/"""
    chosen, wishes = campaign_of(campaign), Wishes.of(visit.query)
    snapshot = newest(chosen, wishes.choices)
    context: dict[str, Any] = {
        "campaign": chosen,
        "snapshot": snapshot,
        "wishes": wishes,
        "slices": chooser(chosen),
        "slice": slice_view(chosen, wishes.choices.part, snapshot),
        "places": [(name, words) for name, (words, _most) in PLACES.items()],
        "energy_method": METHOD,
        "here": "choose",
    }
    if snapshot is None:
        context["vacancy"] = vacancy(chosen, BoardView(None, wishes.choices))
    else:
        context["advice"] = advise(snapshot, wishes)
    return rendered(visit, "leaderboard/choose.html", context)
