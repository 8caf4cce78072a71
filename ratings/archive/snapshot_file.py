"""The file from which anybody can recompute a snapshot. Knows no Django.

A zip with fixed dates: `snapshot.json` (settings, seed, code version), `models.csv`, `votes.csv`
where single votes are known, `voters.csv` where intervals take the votes of each voter together,
`tallies.csv`, `exclusions.csv`, `ratings.csv` (the numbers as
published, to six decimals), `style.csv` under style control, a README, and `SHA256SUMS` of all of
them, so that no input of the numbers can be changed or removed unnoticed. Format 1, until November
2026, had no sums; format 2 no `voters.csv`.
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

from ..core import Ratings, Status
from ..core.uncertainty.voters import Clustering
from ..facts import Worth
from . import methods, voters_file, votes_file
from .methods import Rated
from .votes_file import Votes

FORMAT = 3
READABLE = (1, 2, 3)
VOTES, VOTERS, STYLE, SUMS = "votes.csv", "voters.csv", "style.csv", "SHA256SUMS"
TABLES = ("models.csv", "tallies.csv", "exclusions.csv", "ratings.csv")
DAY_ONE = (1980, 1, 1, 0, 0, 0)  # the oldest date a zip can hold
TALLY = ("first", "second", "first_wins", "second_wins", "ties", "both_bad")
# Of the format, whatever columns boards have today.
RATING = (
    "model", "score", "lower", "upper", "rank_low", "rank_high", "votes", "win_rate", "status",
)  # fmt: skip
WORTH = ("style", "points", "lower", "upper")
README = """\
A snapshot of a leaderboard, with everything needed to compute it again:

    python -m ratings reproduce THIS_FILE.zip

snapshot.json    what was rated and how: slice, method, settings, seed, version of the code, and
                 the SHA-256 of tallies.csv (input_sha256)
models.csv       the models; their order gives the numbers used in the other files, from 0
votes.csv        every vote in the order cast: the models on the left and right, who was better,
                 the day, and why it was left out, if it was; under style control, also words,
                 headers, list items and bold spans of both answers, where their texts are known;
                 snapshot.json says so when there is no such file
tallies.csv      how often each verdict was given on each pair of models
voters.csv       where intervals take the votes of each voter together: what that adds to the
                 uncertainty, as a sum over all voters. The only input of the numbers that cannot
                 be recounted from votes.csv, as nothing says which votes are by the same voter
exclusions.csv   votes that were not counted, by reason
ratings.csv      the numbers as published
style.csv        what style was worth to voters, in points, under style control
SHA256SUMS       of the files above; that of this whole file is on the snapshot's page
"""

# What comes of values of another type or size, wherever they are used.
ODD = (KeyError, IndexError, TypeError, ValueError, AttributeError, ArithmeticError, MemoryError)
# What a file holds, where its name does not say it.
HOLDS = {
    "snapshot.json": " (slice, method, settings, seed, draws, months)",
    VOTES: " (votes and their days)",
}

Row = Sequence[Any]


class ArchiveError(Exception):
    """The file is not a valid snapshot; the message says why."""


@dataclass(frozen=True)
class Content:
    """What an archive holds."""

    about: dict[str, Any]
    models: list[dict[str, Any]]  # each with at least 'slug' and 'name'
    tallies: Sequence[Row]  # TALLY, models by number
    exclusions: Sequence[Row]  # reason, votes
    ratings: Sequence[Row]  # RATING, as text
    style: Sequence[Row] = ()  # WORTH, likewise
    clustering: Clustering | None = None

    @property
    def settings(self) -> dict[str, Any]:
        return dict(self.about["settings"])

    def rate(self, votes: Votes | None = None) -> Rated:
        """The board, computed again. Raises NotEnoughDataError when its method needs the votes and
        there are none, RatingsError."""
        given = len(self.models), self.tallies, votes, self.clustering
        return methods.rate(self.about["method"], self.settings, *given)


def rating_rows(names: Sequence[str], result: Ratings) -> list[Row]:
    """The numbers in published form: text, best first."""
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
    """The archive as bytes; `votes.csv` is streamed from a file, never held in memory as a
    whole."""
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
    if content.clustering is not None:
        files[VOTERS] = table(voters_file.COLUMNS, voters_file.rows(content.clustering))
    sums = {name: sha256(text.encode()) for name, text in files.items()}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, text in files.items():
            archive.writestr(entry(name), text)
        if votes is not None:
            sums[VOTES] = digest_of(votes)
            votes.seek(0)
            with archive.open(entry(VOTES), "w") as member:
                shutil.copyfileobj(votes, member, 1 << 20)
        if content.about["format"] > 1:
            archive.writestr(entry(SUMS), "".join(f"{sums[n]}  {n}\n" for n in sorted(sums)))
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
    """Everything but the votes. Raises ArchiveError for anything that is not a complete
    snapshot."""
    with opened(data) as archive:
        about = json.loads(archive.read("snapshot.json"))
        if about["format"] not in READABLE:
            raise ArchiveError(f"It has format {about['format']}; this code reads {READABLE}.")
        more = [name for name in (STYLE, VOTERS) if name in archive.namelist()]
        texts = {name: archive.read(name).decode() for name in (*TABLES, *more)}
        models = list(csv.DictReader(io.StringIO(texts["models.csv"])))
        return Content(
            about=about,
            models=models,
            tallies=[[int(value) for value in row] for row in rows_of(texts["tallies.csv"])],
            exclusions=rows_of(texts["exclusions.csv"]),
            ratings=[tuple(row) for row in rows_of(texts["ratings.csv"])],
            style=[tuple(row) for row in rows_of(texts.get(STYLE, ""))],
            clustering=voters_file.read(about["voters"], rows_of(texts[VOTERS]), len(models))
            if VOTERS in texts
            else None,
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


def tampered(data: bytes) -> list[str]:
    """One sentence for each file that was changed after packing. Raises ArchiveError."""
    with opened(data) as archive:
        names = archive.namelist()
        about = json.loads(archive.read("snapshot.json"))
        if SUMS not in names:
            return _without_sums(about, names)
        lines = archive.read(SUMS).decode().splitlines()
        packed = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
        here = {}
        for name in names:
            with archive.open(name) as member:
                here[name] = digest_of(member)
        del here[SUMS]
    twice = sorted({name for name in names if names.count(name) > 1})
    return [
        *(f"{name} is missing" for name in sorted(packed.keys() - here.keys())),
        *(f"{name} was added" for name in sorted(here.keys() - packed.keys())),
        *(f"{name} is in the file twice" for name in twice),
        *(
            f"{name}{HOLDS.get(name, '')} was changed"
            for name in sorted(packed.keys() & here.keys())
            if packed[name] != here[name]
        ),
    ]


def inconsistent(content: Content, *, has_votes: bool) -> list[str]:
    """What its parts say of each other and is not so, whatever the checksums are."""
    about = content.about
    found: list[str] = []
    if about["format"] < 3:
        return found
    if about["input_sha256"] != input_sha256(content.tallies):
        found.append("input_sha256 in snapshot.json is not that of tallies.csv")
    if has_votes == ("no_single_votes" in about):
        found.append(f"{VOTES} should {'not ' * has_votes}be there, by snapshot.json")
    if (content.clustering is None) != (about["settings"].get("covariance") != methods.CLUSTERED):
        found.append(f"{VOTERS} should {'' if content.clustering is None else 'not '}be there")
    return found


def input_sha256(tallies: Sequence[Row]) -> str:
    """Of `tallies.csv`."""
    return sha256(table(TALLY, tallies).encode())


def _without_sums(about: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    if about["format"] > 1:
        return [f"{SUMS} is missing"]
    # Format 1 at least recorded when there were no single votes.
    return [] if VOTES in names or "no_single_votes" in about else [f"{VOTES} is missing"]


@contextmanager
def opened(data: bytes) -> Iterator[zipfile.ZipFile]:
    """Open the zip; whatever a reader cannot parse becomes an ArchiveError."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, *ODD) as error:
        raise ArchiveError(f"It is not a snapshot of a leaderboard ({error!r}).") from error


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))[1:]


def digest_of(file: IO[bytes]) -> str:
    """SHA-256 of a file, from its current position to the end."""
    digest = hashlib.sha256()
    while block := file.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
