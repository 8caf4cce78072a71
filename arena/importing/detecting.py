"""Which format a file has, by the names in its rows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from .characters import printable
from .csv_rows import open_csv
from .encoding import Broken, open_text, read_text
from .errors import ImportRefused
from .files import rows
from .formats import FORMATS, llmfao
from .intake import Format

DETECT = "detect"
LOOKED_AT = 50  # rows: a log has events before its first vote
SHOWN = 200  # characters of the names found
# The first format all of whose names a row has; so special ones come before the plain CSV.
MARKS = {
    "fastchat-log": ("tstamp", "type", "models", "states"),
    "open-webui": ("data", "meta", "snapshot"),
    "evenhand": ("model_a", "model_b", "verdict", "criteria", "standing", "labels_source"),
    "comparia-reactions": ("conversation_pair_id", "msg_rank", "model_pos", "liked", "disliked"),
    "comparia-turns": ("response_id", "choice", "comparison_id", "model_a", "model_b"),
    "comparia": ("model_a_name", "model_b_name", "chosen_model_name", "both_equal"),
    "arena-55k": ("winner_model_a", "winner_model_b", "winner_tie"),
    "arena-140k": ("model_a", "model_b", "winner", "evaluation_session_id"),
    "arena-33k": ("model_a", "model_b", "winner", "question_id", "judge"),
    "arena-100k": ("model_a", "model_b", "winner", "question_id", "judge_hash"),
    "arena-tallies": ("models", "X", "Y"),
}
PLAIN = ("model_a", "model_b", "winner")


def format_of(name: str, path: Path) -> Format:
    """The format with this name, or that of the file. Raises ImportRefused."""
    return detect(path) if name == DETECT else FORMATS[name]


def detect(path: Path) -> Format:
    if path.is_dir():
        if all((path / name).is_file() for name in llmfao.FILES):
            return FORMATS["llmfao"]
        raise unknown(path, [each.name for each in path.iterdir()])
    seen: list[str] = []
    for names in names_in(path):
        if (found := by_names(names, path.suffix.lower())) is not None:
            return FORMATS[found]
        seen = seen or names
    raise unknown(path, seen)


def by_names(names: list[str], suffix: str) -> str | None:
    marked = (format for format, marks in MARKS.items() if {*marks} <= {*names})
    return next(marked, "csv" if suffix == ".csv" and {*PLAIN} <= {*names} else None)


def names_in(path: Path) -> Iterator[list[str]]:
    """The names in the header, or in each of the first rows."""
    if path.suffix.lower() == ".csv":
        with open_csv(path) as file:
            yield file.header
        return
    if path.suffix.lower() == ".json" and is_of_tallies(path):
        yield [*MARKS["arena-tallies"]]
    for _, row in islice(rows(path, lambda done: None), LOOKED_AT):
        if not isinstance(row, Broken):
            yield [*row]


def is_of_tallies(path: Path) -> bool:
    """Whether it is one JSON object, over many lines perhaps, that begins with names of models."""
    with open_text(path) as file:
        head = "".join(read_text(file, path, 4096).split())
    return head.startswith('{"models":[')


def unknown(path: Path, names: list[str]) -> ImportRefused:
    shown = printable(", ".join(names))[:SHOWN] or "nothing that could be read"
    separators = any(sign in name for name in names[:1] for sign in ";\t|")
    hint = " Its columns must be separated by commas." if separators else ""
    return ImportRefused(
        f"{path.name} is in none of the formats that the arena knows: it has {shown}.{hint} Choose "
        "the format, or see docs/importing.md. Nothing was imported."
    )
