"""Whatever value of a publication's file is changed, `reproduce` notices it, and never ends in a
traceback."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ratings.archive.reproduce import reproduce
from ratings.archive.snapshot_file import SUMS, ArchiveError, sha256

from .test_reproduce import DATA, Files, files_of, written

EACH = "format_3_overall"
SOME = ("format_2_style", "format_2_elo")  # not each single vote
OTHERS: tuple[Any, ...] = (None, "x", -1, 1.5, True, [], {}, 10**400)
Change = tuple[str, str]  # what was changed, and the file's new text


def cells(text: str) -> Iterator[Change]:
    """Each value of a CSV file, also of its header, in turn."""
    rows = list(csv.reader(io.StringIO(text)))
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            changed = [*row[:j], other(value), *row[j + 1 :]]
            target = io.StringIO()
            lines = [*rows[:i], changed, *rows[i + 1 :]]
            csv.writer(target, lineterminator="\n").writerows(lines)
            yield f"row {i}, value {j}", target.getvalue()


def other(value: str) -> str:
    """Of the same kind, if it has one."""
    if value in ("A", "B", "TIE", "BOTH_BAD"):
        return "TIE" if value != "TIE" else "A"
    last = value[-1:]
    return value[:-1] + str((int(last) + 1) % 10) if last.isdigit() else value + "x"


def members(about: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Paths to every value of a JSON document, the lists and objects included."""
    if path:
        yield path
    if isinstance(about, dict | list):
        for key, value in about.items() if isinstance(about, dict) else enumerate(about):
            yield from members(value, (*path, key))


def with_member(about: Any, path: tuple[str | int, ...], value: Any) -> Any:
    copy = json.loads(json.dumps(about))
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return copy


def value_at(about: Any, path: tuple[str | int, ...]) -> Any:
    for key in path:
        about = about[key]
    return about


def changes(files: Files, *, each: bool) -> Iterator[tuple[str, str, str]]:
    """File, what was changed, and its new text."""
    for name, data in files.items():
        if name.endswith(".csv") and (each or name != "votes.csv"):
            yield from ((name, *change) for change in cells(data.decode()))
    about = json.loads(files["snapshot.json"])
    for path in members(about):
        for value in OTHERS if each else OTHERS[:2]:
            if value != value_at(about, path) or type(value) is not type(value_at(about, path)):
                text = json.dumps(with_member(about, path, value), indent=1, sort_keys=True) + "\n"
                yield "snapshot.json", f"{path} = {str(value)[:9]}", text


def noticed(files: Files, folder: Path) -> bool:
    path = written(files, folder)
    try:
        return bool(reproduce(path).differences)
    except ArchiveError:
        return True


@pytest.mark.parametrize("name", [EACH, *SOME])
def test_every_changed_value_is_noticed(name: str, tmp_path: Path) -> None:
    files = files_of((DATA / f"{name}.zip").read_bytes())
    assert not noticed(files, tmp_path)
    missed = [
        (file, what)
        for file, what, text in changes(files, each=name == EACH)
        if not noticed({**files, file: text.encode()}, tmp_path)
    ]
    assert missed == []


def summed_anew(files: Files) -> Files:
    """As whoever changes a file would, if nobody knew the SHA-256 of the whole."""
    files = {name: data for name, data in files.items() if name != SUMS}
    lines = [f"{sha256(data)}  {name}\n" for name, data in sorted(files.items())]
    return {**files, SUMS: "".join(lines).encode()}


@pytest.mark.parametrize("name", ["input_sha256", "seed", "draws", "votes.csv", "voters.csv"])
def test_checksums_made_anew_do_not_hide_it(name: str, tmp_path: Path) -> None:
    files = files_of((DATA / f"{EACH}.zip").read_bytes())
    about = json.loads(files["snapshot.json"])
    if name in files:
        del files[name]
    elif name in about:
        about[name] = "0" * 64
    else:
        about["settings"][name] = -1
    files["snapshot.json"] = json.dumps(about).encode()
    assert noticed(summed_anew(files), tmp_path)
