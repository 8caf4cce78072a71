"""The plain CSV of docs/importing.md: model_a, model_b, winner, and what else is known.

A million rows must not wait for Python: a block of rows is checked and converted a column at a
time, and row by row only where something in it is wrong or unusual.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import islice
from operator import eq
from pathlib import Path

from . import fields
from .errors import ImportRefused
from .files import Broken, Row, csv_row, open_csv, open_text, report_bytes
from .intake import Intake
from .languages import code_of
from .votes import LONGEST_NAME, LONGEST_TEXT, VERDICTS, Block, ReadVote, converted, is_utf8

NEEDED = ("model_a", "model_b", "winner")
TEXTS = {"key": "id", "voter": "voter", "item": "item", "language": "language"}
TIME = "timestamp"
CLOCK = r"[T ]\d\d:\d\d(?::\d\d(?:\.\d{3}(?:\d{3})?)?)?(?:Z|[+-]\d\d:\d\d)?"
PLAIN_TIMES = re.compile(rf"(?:\d{{4}}-\d\d-\d\d(?:{CLOCK})?(?:\n|\Z))*", re.ASCII)
ROWS = 500  # a block: enough for columns to pay, and still in the processor's cache


def bring(path: Path, intake: Intake) -> None:
    intake.take(column_blocks(path, intake))


def column_blocks(path: Path, intake: Intake) -> Iterator[Block]:
    with open_text(path) as file:
        reader, header = open_csv(file, path)
        check(header, path)
        line = reader.line_num + 1
        while batch := list(islice(reader, ROWS)):
            block = quick(header, batch) or careful(header, batch, line, intake)
            if len(block):
                yield block
            line = reader.line_num + 1
            report_bytes(file, path, intake.progress)


def check(header: list[str], path: Path) -> None:
    missing = [name for name in NEEDED if name not in header]
    if missing or len(set(header)) < len(header):
        fault = f"lacks the column {missing[0]!r}" if missing else "names a column twice"
        known = ", ".join([*NEEDED, *TEXTS.values(), TIME])
        raise ImportRefused(
            f"The first line of {path.name} {fault}: {', '.join(header)}. The columns are {known}; "
            "the first three are needed. Nothing was imported."
        )


def quick(header: list[str], batch: list[list[str]]) -> Block | None:
    """The batch as columns, or None when not all of it is as plain as it can be."""
    if any(map(len(header).__ne__, map(len, batch))):
        return None
    given = dict(zip(header, zip(*batch, strict=True), strict=True))
    a, b = given["model_a"], given["model_b"]
    verdicts = list(map(VERDICTS.get, given["winner"]))
    texts = {name: given[column] for name, column in TEXTS.items() if column in given}
    times = plain_times(given[TIME]) if TIME in given else ()
    names = {*a, *b}
    if None in verdicts or times is None or any(map(eq, a, b)):
        return None
    if not (all(map(is_plain_name, names)) and are_plain_texts([names, *texts.values()])):
        return None
    columns = {"model_a": a, "model_b": b, "verdict": verdicts, **texts}
    if "language" in columns:
        codes = {language: code_of(language) for language in set(columns["language"])}
        columns["language"] = list(map(codes.__getitem__, columns["language"]))
    return Block({**columns, **({"at": times} if TIME in given else {})})


def is_plain_name(name: str) -> bool:
    return name == name.strip() and 0 < len(name) <= LONGEST_NAME


def are_plain_texts(columns: list[Collection[str]]) -> bool:
    whole = "".join(map("".join, columns))
    is_short = all(max(map(len, column)) <= LONGEST_TEXT for column in columns)
    return is_short and "\0" not in whole and is_utf8(whole)


def plain_times(times: Sequence[str]) -> Sequence[str] | None:
    """Times that both Python and PostgreSQL read, and alike; without a zone they are UTC."""
    if PLAIN_TIMES.fullmatch("\n".join(times)) is None:
        return None
    try:
        deque(map(datetime.fromisoformat, times), maxlen=0)
    except ValueError:
        return None  # such as the 30th of February
    return times


def careful(header: list[str], batch: list[list[str]], line: int, intake: Intake) -> Block:
    """The batch row by row: what can't be used is set aside with its line."""
    votes = list(converted(list(numbered(header, batch, line)), vote, intake.rejects))
    given = [name for name in ReadVote._fields if has(header, name)]
    return Block({name: [getattr(vote, name) for vote in votes] for name in given})


def numbered(
    header: list[str], batch: list[list[str]], line: int
) -> Iterator[tuple[int, Row | Broken]]:
    for values in batch:
        if values:  # a blank line is no row
            yield line, csv_row(header, values)
        line += 1 + sum(value.count("\n") for value in values)


def has(header: list[str], name: str) -> bool:
    if name == "at":
        return TIME in header
    return name not in TEXTS or TEXTS[name] in header


def vote(row: Row) -> ReadVote:
    return ReadVote(
        model_a=fields.text(row, "model_a"),
        model_b=fields.text(row, "model_b"),
        verdict=fields.verdict(row),
        key=fields.optional(row, TEXTS["key"]),
        voter=fields.optional(row, TEXTS["voter"]),
        item=fields.optional(row, TEXTS["item"]),
        language=fields.language(row),
        at=fields.time(row, TIME),
    )
