"""`make bench-import`: the cost of importing votes.

1. The Chatbot Arena of August 2024, 1.67 million votes as tallies: at most 2 seconds.
2. A million single votes in the plain CSV, against a bare COPY of the resulting rows into an empty
   table of the same kind: no file to parse, no checks, no models, no tallies. At most 3 times its
   time. For comparison, also PostgreSQL's COPY of the file unchanged into a table of text without
   any key.
"""

from __future__ import annotations

import csv
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.figures import describe_machine, report
from benchmarks.servers import own_servers

VOTES = 1_000_000
MODELS = 129
VOTERS = 90_000
ROUNDS = 3
WINNERS = ("model_a", "model_b", "tie", "tie (bothbad)")
HEADER = ("id", "model_a", "model_b", "winner", "voter", "language", "timestamp")
COLUMNS = "source_id, contestant_a_id, contestant_b_id, verdict, key, voter, item, language, at"


def main() -> None:
    with own_servers() as folder:
        measure(folder)


def measure(folder: Path) -> None:
    tallies = median_of(lambda number: time_of("arena-tallies", tallies_file(), number))
    votes = write_votes(folder / "votes.csv")
    rounds = [one_round(folder, votes, number) for number in range(ROUNDS)]
    ours, copy, texts = (statistics.median(column) for column in zip(*rounds, strict=True))
    ratio = statistics.median(mine / theirs for mine, theirs, _ in rounds)
    describe_machine()
    report("import of 1.67 million votes as tallies", tallies, 2.0, at_most=True, seconds=tallies)
    report(
        "import of a million votes to bare COPY", ratio, 3.0, at_most=True,
        ours_s=ours, copy_s=copy, copy_as_texts_s=texts,
    )  # fmt: skip


def one_round(folder: Path, votes: Path, number: int) -> tuple[float, float, float]:
    """Seconds of our import, of the bare COPY of the same rows, and of COPY of the file."""
    ours = time_of("csv", votes, number)
    seconds = (ours, time_of_copy(folder / "rows"), time_of_copy_as_texts(votes))
    print("ours {:.2f} s, bare COPY {:.2f} s, as texts {:.2f} s".format(*seconds), flush=True)
    return seconds


def median_of(measured: Callable[[int], float]) -> float:
    return statistics.median(measured(number) for number in range(ROUNDS))


def time_of(format: str, path: Path, number: int) -> float:
    """Seconds of one import into a new campaign, as by the command."""
    from arena.importing.formats import FORMATS
    from arena.importing.intake import bring_in

    began = time.perf_counter()
    bring_in(FORMATS[format], path, f"{format}-{number}")
    return time.perf_counter() - began


def time_of_copy(rows: Path) -> float:
    """Seconds to COPY the rows of the newest import into an empty table of the same kind."""
    from django.db import connection

    newest = "WHERE source_id = (SELECT max(id) FROM arena_import)"
    with connection.cursor() as cursor:
        with (
            rows.open("wb") as file,
            cursor.copy(
                f"COPY (SELECT {COLUMNS} FROM arena_importedvote {newest}) TO STDOUT"
            ) as copy,
        ):
            for block in copy:
                file.write(block)
        cursor.execute("CREATE TABLE bare (LIKE arena_importedvote INCLUDING ALL)")
    return time_of_copy_into_bare(rows, f"COPY bare ({COLUMNS}) FROM STDIN")


def time_of_copy_as_texts(votes: Path) -> float:
    from django.db import connection

    with connection.cursor() as cursor:
        columns = ", ".join(f"{name} text" for name in HEADER)
        cursor.execute(f"CREATE TABLE bare ({columns})")
    return time_of_copy_into_bare(votes, "COPY bare FROM STDIN (FORMAT csv, HEADER)")


def time_of_copy_into_bare(path: Path, statement: str) -> float:
    from django.db import connection

    with connection.cursor() as cursor, path.open("rb") as file:
        began = time.perf_counter()
        with cursor.copy(statement) as copy:
            while block := file.read(1 << 18):
                copy.write(block)
        seconds = time.perf_counter() - began
        cursor.execute("DROP TABLE bare")
    return seconds


def tallies_file() -> Path:
    from arena.importing.demo import august_2024

    return august_2024()


def write_votes(path: Path) -> Path:
    chance = random.Random(1)
    names = [f"model-{number}" for number in range(MODELS)]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for _ in range(VOTES):
            a, b = chance.sample(names, 2)
            at = f"2024-05-{chance.randrange(1, 32):02}T12:{chance.randrange(60):02}:07"
            voter = f"arena_user_{chance.randrange(VOTERS)}"
            key = f"{chance.getrandbits(128):032x}"
            writer.writerow([key, a, b, chance.choice(WINNERS), voter, "English", at])
    return path


if __name__ == "__main__":
    main()
