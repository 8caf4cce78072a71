from __future__ import annotations

from ... import odd_rows
from ...plurals import counted
from ..panel import Panel, Says, cells


class OddRows(Panel):
    """What pages leave out because they can't show it."""

    name = "odd-rows"
    subject = "Left out of pages"
    permission = "arena.view_campaign"

    def look(self) -> Says | None:
        found = odd_rows.reported()
        if not found:
            return None
        return Says(
            f"{counted(len(found), 'row')} can’t be shown to visitors",
            about="Mend it in the admin; it is forgotten here a day after the first report.",
            rows=[cells(name, said) for name, said in found.items()],
            is_urgent=True,
        )
