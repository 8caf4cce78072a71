"""No process that another has started outlives it."""

from __future__ import annotations

import ctypes
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent(how: signal.Signals) -> None:
    """Linux: end this process by that signal when the one that has started it is gone, were it
    killed outright."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, how)
