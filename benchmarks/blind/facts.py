"""What a record says, as numbers and as words, for one who wants to know the quicker side.

A record can be mirrored, as if the sides had been exchanged: what is learned then holds for both.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arena.models import Side
from tests.arena.simulated import Seen, growth, visible
from tests.arena.test_timing import ATTACKERS
from tests.live.volunteer import put

from .battles import BEGAN
from .watching import Line, Record

Floats = NDArray[np.float64]
BINS, BIN_S = 24, 1.5
WORD = re.compile(r"\w+")
QUANTILES = (5, 25, 50, 75, 95)


@dataclass(frozen=True)
class Shown:
    """One frame, as the viewer's page is after it."""

    at: float
    a: str
    b: str
    said: int  # bytes
    complete: tuple[bool, bool]


def mirrored(lines: Sequence[Line]) -> list[Line]:
    return [(at, _exchanged(json.loads(said))) for at, said in lines]


def _exchanged(frame: dict[str, Any]) -> str:
    other = {"A": "B", "B": "A"}
    if "panes" in frame:
        panes = [{**pane, "side": other[pane["side"]]} for pane in reversed(frame["panes"])]
        frame = {**frame, "panes": panes}
    if "notes" in frame:
        frame = {**frame, "notes": {side: frame["notes"][other[side]] for side in "AB"}}
    return json.dumps(frame)


def shown(lines: Sequence[Line]) -> Iterator[Shown]:
    blocks: dict[str, list[str]] = {"A": [], "B": []}
    for at, said in lines:
        frame = json.loads(said)
        if "panes" not in frame:
            continue
        if frame["op"] == "page":
            blocks = {"A": [], "B": []}
        for pane in frame["panes"]:
            put(blocks[pane["side"]], pane)
        a, b = (bool(pane.get("complete")) for pane in frame["panes"])
        text = {side: visible(blocks[side]) for side in "AB"}
        yield Shown(at - BEGAN, text["A"], text["B"], len(said), (a, b))


def numbers(record: Record, lines: Sequence[Line]) -> Floats:
    frames = list(shown(lines))
    if not frames:
        return np.zeros(_length(), float)
    shared = _shared(frames, lines)
    a, b = (_of_side(frames, lines, side) for side in "AB")
    difference = a - b
    first = np.sign(len(frames[-1].b) - len(frames[-1].a))
    attacks = _attacks(frames, record)
    products = np.concatenate([difference[:6] * each for each in shared[:6]])
    parts = [shared, a, b, difference, first * shared, products, attacks]
    return np.asarray(np.nan_to_num(np.concatenate(parts)), float)


def _length() -> int:
    frames = [Shown(0.0, "a", "b", 1, (False, False))] * 3
    record = Record()
    lines = [(BEGAN, json.dumps({"op": "beat"}))]
    shared, side = _shared(frames, lines), _of_side(frames, lines, "A")
    return 2 * len(shared) + 3 * len(side) + 36 + len(_attacks(frames, record))


def _shared(frames: Sequence[Shown], lines: Sequence[Line]) -> Floats:
    """The pace of it all."""
    at = np.array([each.at for each in frames])
    gaps = np.diff(at) if len(at) > 1 else np.zeros(1)
    ended = lines[-1][0] - BEGAN
    half = len(gaps) // 2
    totals = [at[0], ended, ended - at[-1], float(np.mean(gaps[:half] if half else gaps)),
              float(np.mean(gaps[half:])), float(np.max(gaps)), float(np.std(gaps)), len(frames),
              sum(len(said) for _, said in lines), sum('"queue"' in said for _, said in lines),
              *np.percentile(gaps, QUANTILES)]  # fmt: skip
    series = np.histogram(at, BINS, (0, BINS * BIN_S))[0]
    fractions = [float(np.sum(np.modf(at * 16)[0] > part)) for part in (0.1, 0.5)]
    return np.array([*totals, *series, *fractions], float)


def _of_side(frames: Sequence[Shown], lines: Sequence[Line], side: str) -> Floats:
    texts = [each.a if side == "A" else each.b for each in frames]
    at = np.array([each.at for each in frames])
    grown = np.diff([0, *(len(text) for text in texts)]).astype(float)
    gaps = np.diff([at[0], *at])
    last = int(np.nonzero(grown)[0][-1]) if grown.any() else 0
    within = slice(1, max(2, last))
    after = gaps[last + 1 :]
    complete = [each.complete[0 if side == "A" else 1] for each in frames]
    done = at[complete.index(True)] if True in complete else at[-1]
    note = any(json.loads(said).get("notes", {}).get(side) for _, said in lines)
    pauses, steps = gaps[within], grown[within]
    totals = [len(texts[-1]), len(texts[-1].split()), at[last] - at[0], done - at[last],
              _correlation(pauses, steps), _correlation(pauses[1:], steps[:-1]),
              _correlation(pauses[:-1], steps[1:]), grown[0], float(np.max(grown)),
              float(np.mean(pauses)) if len(pauses) else 0.0,
              float(np.mean(after)) if len(after) else 0.0,
              float(np.mean(gaps[max(0, last - 4) : last + 2])), float(note),
              _at_growth(gaps, grown, 90), _at_growth(gaps, grown, 50)]  # fmt: skip
    series = np.histogram(at, BINS, (0, BINS * BIN_S), weights=grown)[0]
    return np.array([*totals, *series], float)


def _at_growth(gaps: Floats, grown: Floats, percentile: float) -> float:
    """The mean pause before long steps."""
    long = grown >= np.percentile(grown, percentile)
    return float(np.mean(gaps[long])) if long.any() else 0.0


def _correlation(a: Floats, b: Floats) -> float:
    if len(a) < 8 or np.std(a) < 1e-9 or np.std(b) < 1e-9:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def _attacks(frames: Sequence[Shown], record: Record) -> Floats:
    """Those by hand, on what was seen."""
    seen = Seen({Side.A: frames[-1].a, Side.B: frames[-1].b})
    seen.frames = [(each.at, each.a, each.b) for each in frames]
    for before, after in pairwise(frames):
        if before.at < record.reloaded - BEGAN <= after.at:
            seen.reloaded = growth((before.a, before.b), (after.a, after.b))
        if before.at < record.stopped - BEGAN <= after.at:
            seen.jumped = growth((before.a, before.b), (after.a, after.b))
    return np.array([attack(seen) for attack in ATTACKERS], float)


def words(lines: Sequence[Line]) -> str:
    """All of its bytes, in order, with how long each frame was waited for. What is of one side says
    so in every word: a bag of words would not know it otherwise."""
    said, before = [], BEGAN
    for at, line in lines:
        wait, before, frame = f"w{round(8 * (at - before))}", at, json.loads(line)
        said.append(f"{wait} {line}")
        for pane in frame.get("panes", ()):
            said += [f"{pane['side']}{wait}{word}" for word in WORD.findall(json.dumps(pane))]
        said += [f"{side}{note}" for side, note in frame.get("notes", {}).items()]
    return "\n".join(said)
