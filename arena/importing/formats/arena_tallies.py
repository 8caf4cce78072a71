"""Aggregated votes in the layout of the `leaderbot` package: `models` has the names, `X` pairs of
their indices, and `Y` for each pair the number of wins of the first, wins of the second, ties and
both bad (the last may be missing)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...limits import IMPORTS
from ..characters import quoted
from ..contestants import Contestants
from ..encoding import open_text, read_text
from ..errors import BadRow, ImportRefused
from ..intake import Intake
from ..loading import Tallies, add_tallies
from ..votes import check_name

Pair = tuple[str, str, list[int]]


def bring(path: Path, intake: Intake) -> None:
    names, pairs, counts = content(path)
    found = list(usable(names, pairs, counts, intake))
    if (total := sum(sum(votes) for *_, votes in found)) > IMPORTS.votes:
        raise ImportRefused(
            f"{path.name} has {total:,} votes; more than {IMPORTS.votes:,} are not plausible. "
            "Check "
            "its counts. Nothing was imported."
        )
    intake.contestants.enter(name for a, b, _ in found for name in (a, b))
    add_tallies(intake.source, merged(found, intake.contestants))


def content(path: Path) -> tuple[list[Any], list[Any], list[Any]]:
    """The three lists of a file. Raises ImportRefused if its layout is wrong."""
    if not path.is_file() or path.stat().st_size > IMPORTS.tallies_bytes:
        raise ImportRefused(
            f"{path.name} is not a JSON file of at most {IMPORTS.tallies_bytes >> 20} MB."
        )
    try:
        with open_text(path) as file:
            data = json.loads(read_text(file, path, IMPORTS.tallies_bytes))
    except (ValueError, RecursionError) as error:
        raise ImportRefused(f"{path.name} is not a JSON file ({error}).") from error
    lists = [data.get(name) if isinstance(data, dict) else None for name in ("models", "X", "Y")]
    if not all(isinstance(each, list) for each in lists):
        raise ImportRefused(f"{path.name} must contain three lists: 'models', 'X' and 'Y'.")
    names, pairs, counts = ([*(each or ())] for each in lists)
    if len(pairs) != len(counts):
        raise ImportRefused(
            f"{path.name}: 'X' has {len(pairs)} pairs and 'Y' {len(counts)} counts; each pair "
            "needs one."
        )
    return names, pairs, counts


def usable(names: list[Any], pairs: list[Any], counts: list[Any], intake: Intake) -> Iterator[Pair]:
    """Valid pairs; others are set aside with their position in X and Y, counted from 1."""
    for number, (pair, said) in enumerate(zip(pairs, counts, strict=True), start=1):
        try:
            yield checked(names, pair, said)
        except BadRow as bad:
            intake.rejects.set_aside(number, str(bad), {"X": pair, "Y": said})


def checked(names: list[Any], pair: Any, said: Any) -> Pair:
    if not is_counts(pair, (2,)) or max(pair) >= len(names):
        raise BadRow(f"X {quoted(pair)} is not a pair of indices into 'models'")
    if not is_counts(said, (3, 4)):
        raise BadRow(f"Y {quoted(said)} is not three or four counts")
    if max(said) > IMPORTS.count:
        raise BadRow(f"Y has {max(said):,} votes; more than {IMPORTS.count:,} are not plausible")
    a, b = names[pair[0]], names[pair[1]]
    for name in (a, b):
        if not isinstance(name, str):
            raise BadRow(f"a model's name is {quoted(name)}")
        check_name(name)
    a, b = a.strip(), b.strip()
    if a == b:
        raise BadRow(f"{quoted(a)} is compared with itself")
    return a, b, [*said, 0][:4]


def is_counts(value: Any, lengths: tuple[int, ...]) -> bool:
    if not isinstance(value, list) or len(value) not in lengths:
        return False
    return all(type(count) is int and count >= 0 for count in value)


def merged(found: list[Pair], contestants: Contestants) -> Tallies:
    """One entry per pair: a file may list a pair twice and in either order."""
    sums: Tallies = {}
    for a, b, (wins, losses, ties, bad) in found:
        first, second = int(contestants[a]), int(contestants[b])
        counts = [wins, losses, ties, bad] if first < second else [losses, wins, ties, bad]
        pair = (min(first, second), max(first, second))
        sums[pair] = [x + y for x, y in zip(sums.get(pair, [0] * 4), counts, strict=True)]
    return {pair: counts for pair, counts in sums.items() if any(counts)}
