"""Texts designed to be slow, and how their cost grows."""

from __future__ import annotations

import time
from collections.abc import Callable

# Repeated to fill a text: digits, white space, marks, and openings without a closing.
UNITS = (
    "1", "a", " ", "\n", " \n", "\t", "@", "a@", "a@a.", ".", "-", "#", "|", "*", "_", "**a", "__a",
    "`", "```", "1.", "1,", "1 ", "1+", "1-", "(1", "?!", "x ", "é", "字", "函数", "1字", "\n ",
    "- ", "1. ", "# ", "a(", "a()", "https://", "+1 ", "0 ", "(12) ", "-----BEGIN ", "sk-",
    "eyJaaaaaaaa.", "+491234567890123456789012345x ", "0171/1", "001" + "1" * 28 + " x ",
    "DE12 ", "select ", "def a ", "in 1 ", "import", "sin ", "function ", "write poem ",
)  # fmt: skip


def seconds(work: Callable[[str], object], text: str) -> float:
    """Processor time of this thread, so that other load makes no difference."""
    began = time.thread_time()
    work(text)
    return time.thread_time() - began


def check_growth(
    work: Callable[[str], object],
    make: Callable[[int], str],
    lengths: tuple[int, int] = (15_000, 60_000),
    most: float = 8,
) -> None:
    """Four times the text may take at most eight times as long; quadratic cost would be sixteen.

    The best of three runs counts.
    """
    short, long = map(make, lengths)
    work(short)  # the first call may load something
    few = many = float("inf")
    for _ in range(3):
        few, many = min(few, seconds(work, short)), min(many, seconds(work, long))
        if many < most * few + 0.02:
            return
    raise AssertionError(f"{few:.3f} s, then {many:.3f} s")


def repeated(unit: str) -> Callable[[int], str]:
    return lambda length: (unit * (length // len(unit) + 1))[:length]
