"""Boards that take long are computed in a process of their own, one at a time: others do not wait
for them, and one that takes too long, or too much memory, is ended alone.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence

from django.conf import settings
from django.db import connection

from arena.labels.slices import OVERALL

from . import methods, troubles
from .alone import SLOW, alone
from .fingerprints import Fingerprints, of_slice
from .models import Board, Snapshot, Trouble

SLOW_S = 2.0
LARGE_MODELS = 1_000
LARGE_VOTES = 200_000  # where each is read
LIMIT_S = {Trouble.What.COMPUTING: 60.0, Trouble.What.PUBLISHING: 300.0}
LEAST_MEMORY = 2 << 30  # a process may have half of the machine's, and this in any case

TOO_LONG = "it took longer than {:.0f} s."
ENDED = "its process was ended ({}), mostly for want of memory."

MODELS = """
    SELECT count(*) FROM (
        SELECT first_id FROM arena_tally WHERE campaign_id = %(campaign)s AND slice = %(slice)s
        UNION SELECT second_id FROM arena_tally
        WHERE campaign_id = %(campaign)s AND slice = %(slice)s
    ) AS model
"""

HandOver = Callable[[Board, Trouble.What], object]


def is_slow(board: Board, now: Fingerprints) -> bool:
    """Whether it took long last time, or is so large that it may."""
    seen = of_slice(now, board.campaign_id, board.slice)
    if board.is_slow or (board.method in methods.FROM_VOTES and seen.votes > LARGE_VOTES):
        return True
    return 2 * seen.pairs > LARGE_MODELS and _models(board) > LARGE_MODELS


def has_many_models(snapshot: Snapshot) -> bool:
    return snapshot.ratings.count() > LARGE_MODELS


def _models(board: Board) -> int:
    """Of a slice that is kept; months are at most as large as all votes."""
    part = board.slice if not board.asked else OVERALL
    with connection.cursor() as cursor:
        cursor.execute(MODELS, {"campaign": board.campaign_id, "slice": part})
        [models] = cursor.fetchone() or [0]
    return int(models)


def note_pace(board: Board, seconds: float) -> None:
    if board.is_slow != (seconds > SLOW_S):
        board.is_slow = seconds > SLOW_S
        board.save(update_fields=["is_slow"])


def give(slow: Sequence[Board], what: Trouble.What, hand_over: HandOver) -> None:
    """Hand the first of them over, unless another is under way."""
    if not slow:
        return
    with alone(SLOW) as is_free:
        pass
    if is_free:
        hand_over(slow[0], what)


def run(board: Board, what: Trouble.What) -> None:
    """Compute or publish a board in a process of its own, and wait for it; nothing when another is
    under way. The process writes its own troubles down, unless it is ended."""
    with alone(SLOW) as is_mine:
        if not is_mine:
            return
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


def die_with_worker() -> None:
    """Linux: end this process with the one that waits for it, so that none is left behind."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def limit_memory() -> None:
    """Of this process: then it raises MemoryError, where the system might end another."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (max(whole // 2, LEAST_MEMORY), hard))
