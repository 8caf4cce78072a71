"""Battles in the admin, with their turns and answers."""

from __future__ import annotations

from ..browsing.read_only import ReadOnly


class BattleAdmin(ReadOnly):
    list_display = ["public_id", "contestant_a", "contestant_b", "state", "created"]
    list_filter = ["state", "campaign"]
    list_select_related = ["contestant_a", "contestant_b"]


class TurnAdmin(ReadOnly):
    list_display = ["battle", "number", "stopped", "created"]
    list_select_related = ["battle"]


class AnswerAdmin(ReadOnly):
    list_display = ["turn", "side", "revision", "state", "attempt", "finish_reason", "total_s"]
    list_filter = ["state", "finish_reason", "revision__contestant"]
    list_select_related = ["turn__battle", "revision__contestant"]
