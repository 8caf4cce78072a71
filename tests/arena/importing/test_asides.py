"""Rows that were set aside, in the file for people to read."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from arena.importing.asides import LONGEST_CELL, harmless, open_aside
from arena.models import ImportedVote

HEAD = b"model_a,model_b,winner\n"
BAD = HEAD + b"ada,bea,tie\nada,bea,nobody\n"


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("  =1+1", "  '=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝1+1", "'＝1+1"),
        ("a;=1+1", "a;'=1+1"),
        ('a,"=1+1"', 'a,"\'=1+1"'),
        ("a\t=1+1", "a\t'=1+1"),
        ("a\n\n=1+1", "a\n\n'=1+1"),
        ("\t=1+1", "\t'=1+1"),
        ("a = b - c", "a = b - c"),
        ('{"a": -1}', '{"a": -1}'),
        ("half \ud83d, \0", "half \ufffd, \ufffd"),
    ],
)
def test_cell_is_no_formula_whatever_separates_cells(text: str, cell: str) -> None:
    assert harmless(text) == cell


def test_long_cell_is_cut_in_no_time() -> None:
    assert len(harmless("\t" * 10**6)) == LONGEST_CELL + 2


def test_row_of_any_kind_is_written(tmp_path: Path) -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    for suffix in ("csv", "jsonl"):
        file = open_aside(tmp_path / f"aside.{suffix}")
        for row in (deep, {"a": "\ud83d"}, '=1,"2', {"a": 1}):
            file.write(1, "it is bad", row)
        file.close()
    text = (tmp_path / "aside.csv").read_text(encoding="utf-8-sig")
    rows = [row for _, _, row in csv.reader(io.StringIO(text))]
    assert rows == [
        "row", "(nested too deeply to be written)", '{"a": "\ufffd"}', "'=1,\"2", '{"a": 1}'
    ]  # fmt: skip
    lines = (tmp_path / "aside.jsonl").read_text().splitlines()
    assert json.loads(lines[2])["row"] == '=1,"2'


@pytest.mark.django_db
def test_dry_run_writes_the_file_it_is_told_to(tmp_path: Path) -> None:
    path, aside = tmp_path / "votes.csv", tmp_path / "aside.csv"
    path.write_bytes(BAD)
    call_command(
        "import_votes", "csv", str(path), "--aside", str(aside), campaign="elsewhere", dry_run=True
    )
    assert aside.read_text(encoding="utf-8-sig").splitlines()[1].startswith('3,"winner ')
    assert not ImportedVote.objects.exists()


@pytest.mark.django_db
def test_command_replaces_no_file_unless_told_to(tmp_path: Path) -> None:
    path, aside = tmp_path / "votes.csv", tmp_path / "aside.jsonl"
    path.write_bytes(BAD)
    aside.write_text("mine")

    def bring(to: Path, overwrite: bool) -> None:
        call_command(
            "import_votes", "csv", str(path), "--set-aside", str(to), campaign="elsewhere",
            overwrite=overwrite,
        )  # fmt: skip

    with pytest.raises(CommandError, match="already exists"):
        bring(aside, overwrite=False)
    with pytest.raises(CommandError, match="already exists"):
        bring(path, overwrite=True)
    assert aside.read_text() == "mine"
    assert path.read_bytes() == BAD
    bring(aside, overwrite=True)
    assert json.loads(aside.read_text())["line"] == 3
