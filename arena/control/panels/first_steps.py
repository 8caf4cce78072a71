from __future__ import annotations

from ...matchmaking import ability
from ...models import Vote
from ...plurals import counted
from ...sites import path_of
from ..panel import Cell, Panel, Says, cells

BATTLE = 2  # models


class FirstSteps(Panel):
    """What to do first in a new arena; gone once there is a vote."""

    name = "first-steps"
    subject = "First steps"
    permission = "arena.view_contestant"
    is_wide = True

    def look(self) -> Says | None:
        if Vote.objects.exists():
            return None
        able = sum(each.is_able for each in ability.of_active())
        said = f"{counted(able, 'model')} can answer" if able else "No model can answer yet"
        needs = "so battles can begin" if able >= BATTLE else "and a battle needs two"
        enter = Cell("Enter a contestant", path_of("admin:arena_contestant_choose"))
        invite = Cell("Open the public site", path_of("home"))
        rows = [
            cells("1", enter, f"{said}, {needs}."),
            cells("2", invite, "Try a battle yourself, then send this address to volunteers."),
            cells(
                "3",
                Cell("Import votes", path_of("admin:jobs", "import")),
                "If you have votes from elsewhere, they can have a leaderboard too.",
            ),
        ]
        return Says("This arena has no votes yet", rows=rows)
