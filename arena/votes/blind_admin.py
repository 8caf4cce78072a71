"""Who runs the arena may also vote, and votes as blindly as everybody: the admin hides the battles
of one's own that are still open, as it names their contestants."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest

from ..battles.admin import AnswerAdmin, BattleAdmin
from ..browsing.lists import QuickAdmin
from ..models import Battle
from .voters import voter_of


class Blind(QuickAdmin):
    """Attributes:
    battle: the lookup that leads from a row to its battle.
    """

    battle: ClassVar[str] = "pk"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        if (voter := voter_of(request.COOKIES)) is None:
            return rows
        own = Battle.objects.filter(voter=voter, state=Battle.State.OPEN)
        return rows.exclude(**{f"{self.battle}__in": own.values("pk")})


class BlindBattleAdmin(Blind, BattleAdmin):
    pass


class BlindAnswerAdmin(Blind, AnswerAdmin):
    battle = "turn__battle"
