"""Votes that are already aggregated per pair, in the layout of the leaderbot package."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from ratings.cli.errors import InputError
from ratings.cli.files import VotesFile
from ratings.core import BadVotesError, RatingsError, Tallies
from ratings.core.data.validation import reject_first

# Above it double precision can no longer represent a single vote.
MOST_VOTES = 1e15
LONGEST = 256_000_000  # characters of a file: many times as many pairs as models have


@dataclass(frozen=True, eq=False)
class NamedTallies:
    """Tallies and the names of their models."""

    models: list[str]
    tallies: Tallies


def read_tallies(file: VotesFile) -> NamedTallies:
    """Read {"models": [...], "X": [[i, j], ...], "Y": [[i wins, j wins, ties, both bad], ...]}.

    Raises:
        InputError: names the file, and the row of X and Y if there is one (counted from 1).
    """
    file.check()
    with file.text() as text:
        written = text.read(LONGEST)
    if len(written) == LONGEST:
        raise InputError(f"{file}: more than {LONGEST:,} characters.")
    try:
        content = json.loads(written)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{file}: not a JSON file ({error}).") from error
    models, pairs, counts = (_list(file, content, name) for name in ("models", "X", "Y"))
    for row in counts:
        if isinstance(row, list) and len(row) == 3:
            row.append(0)  # without both-bad
    names = [str(model) for model in models]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"{file}: two models are called '{twice}'.")
    try:
        tallies = Tallies.from_counts(pairs, counts, len(names))
        broken = np.any(np.mod(np.asarray(counts, dtype=np.float64), 1.0), axis=1)
        reject_first(broken, "counts", np.asarray(counts), "are not whole numbers of votes")
        too_many = np.any(np.asarray(counts, dtype=np.float64) > MOST_VOTES, axis=1)
        reject_first(
            too_many, "counts", np.asarray(counts), f"are more than {MOST_VOTES:.0e} votes"
        )
    except BadVotesError as error:
        place = "" if error.row is None else f", row {error.row + 1} of X and Y"
        raise InputError(f"{file}{place}: {error.what}") from error
    except RatingsError as error:
        raise InputError(f"{file}: {error}") from error
    return NamedTallies(names, tallies)


def _list(file: VotesFile, content: Any, name: str) -> list[Any]:
    found = content.get(name) if isinstance(content, dict) else None
    if not isinstance(found, list):
        raise InputError(f"{file}: needs lists 'models', 'X' and 'Y', but '{name}' is not a list.")
    return found
