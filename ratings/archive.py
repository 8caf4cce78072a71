"""The file from which anybody can compute a snapshot again. Knows no Django.

A zip with fixed dates: `snapshot.json` (settings, seed, code version), `models.csv`, `votes.csv`
where single votes are known, `tallies.csv`, `exclusions.csv`, `ratings.csv` (the numbers as
published, to six decimals) and a README.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import shutil
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
from numpy.typing import ArrayLike

from . import votes_file
from .core import Ratings, Status, Tallies, bradley_terry
from .core.elo_ratings import EloSettings, elo_ratings
from .votes_file import Votes

FORMAT = 1
ELO = "elo"
VOTES = "votes.csv"
TABLES = ("models.csv", "tallies.csv", "exclusions.csv", "ratings.csv")
DAY_ONE = (1980, 1, 1, 0, 0, 0)  # the oldest date a zip can hold
TALLY = ("first", "second", "first_wins", "second_wins", "ties", "both_bad")
RATING = (
    "model", "score", "lower", "upper", "rank_low", "rank_high", "votes", "win_rate", "status",
)  # fmt: skip
README = """\
A snapshot of a leaderboard, with everything needed to compute it again:

    python -m ratings reproduce THIS_FILE.zip

snapshot.json    what was rated and how: method, settings, seed, version of the code
models.csv       the models; their order gives the numbers used in the other files, from 0
votes.csv        every vote in the order cast: the models on the left and right, who was better,
                 the day, and why it was left out, if it was; snapshot.json says so when there is
                 no such file
tallies.csv      how often each verdict fell on each pair of models
exclusions.csv   votes that were not counted, by reason
ratings.csv      the numbers as published
"""

Row = Sequence[Any]


class ArchiveError(Exception):
    """The file is no snapshot; the message says why."""


@dataclass(frozen=True)
class Content:
    """What an archive holds."""

    about: dict[str, Any]
    models: list[dict[str, Any]]  # each with at least 'slug' and 'name'
    tallies: Sequence[Row]  # TALLY, models by number
    exclusions: Sequence[Row]  # reason, votes
    ratings: Sequence[Row]  # RATING, as text

    @property
    def settings(self) -> dict[str, Any]:
        return dict(self.about["settings"])

    def rate(self, votes: Votes | None = None) -> Ratings:
        """The board, computed from the tallies; Elo from the votes. Raises ArchiveError when those
        are missing, RatingsError."""
        if self.about["method"] != ELO:
            return rate(self.tallies, len(self.models), self.settings)
        if votes is None:
            raise ArchiveError("Elo needs the order of the votes, and the file has no votes.csv.")
        return rate_in_order(votes, len(self.models), self.settings)


def rate(tallies: ArrayLike, n_models: int, settings: Mapping[str, Any]) -> Ratings:
    table = np.array(tallies, dtype=np.int64).reshape(-1, len(TALLY))
    counted = Tallies.from_counts(table[:, :2], table[:, 2:], n_models)
    return bradley_terry(
        counted,
        ties=settings["ties"],
        both_bad=settings["both_bad"],
        covariance=settings["covariance"],
        level=settings["level"],
        draws=settings["draws"],
        seed=settings["seed"],
    )


def rate_in_order(votes: Votes, n_models: int, settings: Mapping[str, Any]) -> Ratings:
    chosen = EloSettings(**settings)
    return elo_ratings(votes.left, votes.right, votes.verdict, n_models, chosen)


def rating_rows(names: Sequence[str], result: Ratings) -> list[Row]:
    """The numbers as they are published: text, best first."""
    order = np.argsort(-np.nan_to_num(result.scores, nan=-np.inf), kind="stable")
    low, high = result.rank_low, result.rank_high
    return [
        (
            names[i],
            *(digits(float(column[i])) for column in (result.scores, result.lower, result.upper)),
            str(low[i] or ""),
            str(high[i] or ""),
            str(round(result.votes[i])),
            digits(float(result.win_rate[i])),
            Status(int(result.status[i])).name.lower(),
        )
        for i in order
    ]


def digits(value: float) -> str:
    return f"{value + 0.0:.6f}" if math.isfinite(value) else ""


def pack(content: Content, votes: IO[bytes] | None = None) -> bytes:
    """With `votes.csv` from a file, which is never whole in memory."""
    fields = list(content.models[0]) if content.models else ["slug", "name"]
    files = {
        "README.txt": README,
        "snapshot.json": json.dumps(content.about, indent=1, sort_keys=True) + "\n",
        "models.csv": table(fields, ([m[f] for f in fields] for m in content.models)),
        "tallies.csv": table(TALLY, content.tallies),
        "exclusions.csv": table(("reason", "votes"), content.exclusions),
        "ratings.csv": table(RATING, content.ratings),
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, text in files.items():
            archive.writestr(entry(name), text)
        if votes is not None:
            with archive.open(entry(VOTES), "w") as member:
                shutil.copyfileobj(votes, member, 1 << 20)
    return target.getvalue()


def entry(name: str) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name, DAY_ONE)
    made.compress_type = zipfile.ZIP_DEFLATED
    made.external_attr = 0o644 << 16
    return made


def table(header: Iterable[str], rows: Iterable[Row]) -> str:
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return target.getvalue()


def unpack(data: bytes) -> Content:
    """All but the votes. Raises ArchiveError for anything that is not a whole snapshot."""
    with opened(data) as archive:
        about = json.loads(archive.read("snapshot.json"))
        if about["format"] != FORMAT:
            raise ArchiveError(f"It has format {about['format']}; this code reads {FORMAT}.")
        texts = {name: archive.read(name).decode() for name in TABLES}
        return Content(
            about=about,
            models=list(csv.DictReader(io.StringIO(texts["models.csv"]))),
            tallies=[[int(value) for value in row] for row in rows_of(texts["tallies.csv"])],
            exclusions=rows_of(texts["exclusions.csv"]),
            ratings=[tuple(row) for row in rows_of(texts["ratings.csv"])],
        )


def holds_votes(data: bytes) -> bool:
    """Raises ArchiveError."""
    with opened(data) as archive:
        return VOTES in archive.namelist()


def unpack_votes(data: bytes) -> Votes | None:
    """None when the file holds none. Raises ArchiveError."""
    with opened(data) as archive:
        if VOTES not in archive.namelist():
            return None
        with archive.open(VOTES) as member:
            return votes_file.read(io.TextIOWrapper(member, newline=""))


@contextmanager
def opened(data: bytes) -> Iterator[zipfile.ZipFile]:
    """Whatever a reader cannot make sense of becomes an ArchiveError."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError) as error:
        raise ArchiveError(f"It is not a snapshot of a leaderboard ({error!r}).") from error


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))[1:]


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
