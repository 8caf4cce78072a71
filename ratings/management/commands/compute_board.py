"""`python manage.py compute_board KEY computing`: the background worker runs it for slow boards."""

from __future__ import annotations

import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from arena import broker, counters
from arena.orphans import die_with_parent
from ratings.models import Board, Trouble
from ratings.refreshing import apart, drafts, publications


class Command(BaseCommand):
    help = "Recompute one board, or publish it, in this process."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("board", type=int, help="its primary key")
        parser.add_argument("what", choices=[what.lower() for what in Trouble.What])

    def handle(self, *args: Any, board: int, what: str, **options: Any) -> None:
        die_with_parent(signal.SIGKILL)
        apart.limit_memory()
        found = Board.objects.select_related("campaign").get(pk=board)
        if what.upper() == Trouble.What.COMPUTING:
            drafts.compute(found)
        else:
            publications.publish_newest(found)
        with broker.spared("how long it took was not counted"):
            counters.flush(broker.connection())
