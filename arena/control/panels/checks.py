from __future__ import annotations

from ...moderating import checker, health, policy
from ...plurals import counted
from ...sites import path_of
from ..panel import Panel, Says


class Checker(Panel):
    """That the checker of prompts and answers fails; nothing while it works."""

    name = "checker"
    subject = "Moderation"
    permission = "arena.view_flag"

    def look(self) -> Says | None:
        if not checker.is_set() or not (found := health.look()).failures:
            return None
        action = policy.actions(policy.current())[checker.UNCHECKED]
        return Says(
            f"The checker has failed {counted(found.failures, 'time')} in a row",
            path_of("admin:arena_moderationpolicy_changelist"),
            f"{found.sentence} Until it answers again, {policy.HAPPENS[action]}.",
            is_urgent=True,
        )
