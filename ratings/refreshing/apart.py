"""Slow boards are computed in a process of their own, one at a time: other boards do not wait for
them, and a process that takes too long, or too much memory, is killed alone.
"""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence

from django.conf import settings
from django.db import connection

from arena import broker
from arena.labels.slices import OVERALL
from evenhand.machine import usable_memory

from ..archive import methods
from ..boards.fingerprints import Fingerprints, of_slice
from ..limits import BOARDS
from ..models import Board, Snapshot, Trouble
from . import troubles
from .alone import SLOW, alone

LARGE_MODELS = 1_000
LARGE_VOTES = 200_000  # for methods that read each vote
LIMIT_S = {
    Trouble.What.COMPUTING: BOARDS.rating_s,
    Trouble.What.PUBLISHING: BOARDS.publishing_s,
}
LEAST_MEMORY = 2 << 30  # a process may use half of the memory, and at least this
HANDED_OVER = "slow-board-handed-over"  # in Redis, until it begins

TOO_LONG = "it took longer than {:.0f} s."
ENDED = "its process was killed ({}), usually for lack of memory."

MODELS = """
    SELECT count(*) FROM (
        SELECT first_id FROM arena_tally WHERE campaign_id = %(campaign)s AND slice = %(slice)s
        UNION SELECT second_id FROM arena_tally
        WHERE campaign_id = %(campaign)s AND slice = %(slice)s
    ) AS model
"""

HandOver = Callable[[Board, Trouble.What], object]


def is_slow(board: Board, now: Fingerprints) -> bool:
    """Whether it took long last time, or is large enough that it may."""
    seen = of_slice(now, board.campaign_id, board.slice)
    if board.is_slow or (board.method in methods.FROM_VOTES and seen.votes > LARGE_VOTES):
        return True
    return 2 * seen.pairs > LARGE_MODELS and _models(board) > LARGE_MODELS


def has_many_models(snapshot: Snapshot) -> bool:
    return snapshot.ratings.count() > LARGE_MODELS


def _models(board: Board) -> int:
    """Number of models of a stored slice; a range of months counts as all votes, its upper
    bound."""
    part = board.slice if not board.asked else OVERALL
    with connection.cursor() as cursor:
        cursor.execute(MODELS, {"campaign": board.campaign_id, "slice": part})
        [models] = cursor.fetchone() or [0]
    return int(models)


def note_pace(board: Board, seconds: float) -> None:
    if board.is_slow != (seconds > BOARDS.slow_s):
        board.is_slow = seconds > BOARDS.slow_s
        board.save(update_fields=["is_slow"])


def give(slow: Sequence[Board], what: Trouble.What, hand_over: HandOver) -> None:
    """Hand over the first of them, unless another is running or waiting to start."""
    marks = broker.connection()
    if not slow or not marks.set(HANDED_OVER, slow[0].pk, nx=True, ex=BOARDS.waits_s):
        return
    # Only after the mark: a board that starts takes the lock before it deletes its mark.
    with alone(SLOW) as is_free:
        pass
    if is_free:
        hand_over(slow[0], what)
    else:
        marks.delete(HANDED_OVER)


def is_expected(board: Board) -> bool:
    """Whether the task of a board was handed over and has not waited too long. Celery's own expiry
    would compare the clocks of two hosts; the mark expires by the broker's."""
    return broker.connection().get(HANDED_OVER) == str(board.pk).encode()


def run(board: Board, what: Trouble.What) -> None:
    """Compute or publish a board in a process of its own, and wait for it; do nothing if another is
    running. The process records its own troubles, unless it is killed."""
    with alone(SLOW) as is_mine:
        if not is_mine:
            return
        with broker.spared("the mark of a slow board"):  # which expires by itself
            broker.connection().delete(HANDED_OVER)
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "compute_board"]
        try:
            done = subprocess.run(
                [*command, str(board.pk), what.lower()],
                timeout=LIMIT_S[what],
                stdin=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired:
            troubles.note(board, what, TOO_LONG.format(LIMIT_S[what]))
        else:
            if done.returncode < 0:
                how = signal.Signals(-done.returncode).name
                troubles.note(board, what, ENDED.format(how))
            elif done.returncode:
                troubles.note(board, what, troubles.FAULT)


def limit_memory() -> None:
    """Limit this process, so that it raises MemoryError before the system kills another process."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (max(usable_memory() // 2, LEAST_MEMORY), hard))
