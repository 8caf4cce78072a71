"""The file from which anybody can compute a snapshot again. Knows no Django.

A zip with fixed dates: `snapshot.json` (settings, seed, code version), `models.csv`, `votes.csv`
where single votes are known, `tallies.csv`, `exclusions.csv`, `ratings.csv` (the numbers as
published, to six decimals), `style.csv` where style was held equal, and a README.
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
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

import numpy as np

from . import methods, votes_file
from .core import Ratings, Status
from .methods import Rated
from .style import Worth
from .votes_file import Votes

FORMAT = 1
VOTES, STYLE = "votes.csv", "style.csv"
TABLES = ("models.csv", "tallies.csv", "exclusions.csv", "ratings.csv")
DAY_ONE = (1980, 1, 1, 0, 0, 0)  # the oldest date a zip can hold
TALLY = ("first", "second", "first_wins", "second_wins", "ties", "both_bad")
RATING = (
    "model", "score", "lower", "upper", "rank_low", "rank_high", "votes", "win_rate", "status",
)  # fmt: skip
WORTH = ("style", "points", "lower", "upper")
README = """\
A snapshot of a leaderboard, with everything needed to compute it again:

    python -m ratings reproduce THIS_FILE.zip

snapshot.json    what was rated and how: slice, method, settings, seed, version of the code
models.csv       the models; their order gives the numbers used in the other files, from 0
votes.csv        every vote in the order cast: the models on the left and right, who was better,
                 the day, and why it was left out, if it was; with style held equal, also words,
                 headers, list items and bold spans of both answers, where their texts are known;
                 snapshot.json says so when there is no such file
tallies.csv      how often each verdict fell on each pair of models
exclusions.csv   votes that were not counted, by reason
ratings.csv      the numbers as published
style.csv        what style was worth to voters, in points, where it was held equal
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
    style: Sequence[Row] = ()  # WORTH, likewise

    @property
    def settings(self) -> dict[str, Any]:
        return dict(self.about["settings"])

    def rate(self, votes: Votes | None = None) -> Rated:
        """The board, computed again. Raises NotEnoughDataError when its method needs the votes and
        there are none, RatingsError."""
        n_models = len(self.models)
        return methods.rate(self.about["method"], self.settings, n_models, self.tallies, votes)


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


def worth_rows(worth: Iterable[Worth]) -> list[Row]:
    return [(each.name, *map(digits, (each.points, each.lower, each.upper))) for each in worth]


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
    if content.style:
        files[STYLE] = table(WORTH, content.style)
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
        names = (*TABLES, STYLE) if STYLE in archive.namelist() else TABLES
        texts = {name: archive.read(name).decode() for name in names}
        return Content(
            about=about,
            models=list(csv.DictReader(io.StringIO(texts["models.csv"]))),
            tallies=[[int(value) for value in row] for row in rows_of(texts["tallies.csv"])],
            exclusions=rows_of(texts["exclusions.csv"]),
            ratings=[tuple(row) for row in rows_of(texts["ratings.csv"])],
            style=[tuple(row) for row in rows_of(texts.get(STYLE, ""))],
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
