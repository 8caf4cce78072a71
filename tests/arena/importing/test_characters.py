"""Invalid characters cost at most their row, and nothing in a column that is not stored."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from arena.importing.errors import ImportRefused

from . import samples
from .conftest import Bring

HEAD = "model_a,model_b,winner,voter\n"


@pytest.mark.parametrize("bad", ["\ud83d", "nul \0"])
@pytest.mark.parametrize("suffix", [".jsonl", ".json"])
def test_half_character_in_a_conversation_costs_no_vote(
    bring: Bring, tmp_path: Path, bad: str, suffix: str
) -> None:
    rows = samples.rows("arena-33k")
    rows[1]["conversation_a"] = samples.talk(f"Well {bad}")
    rows[2]["conversation_b"][0]["content"] = f"Why? {bad}"
    rows[2]["conversation_a"][0]["content"] = f"Why? {bad}"
    report = bring("arena-33k", samples.write(tmp_path / f"votes{suffix}", rows))
    assert (report.votes, report.set_aside) == (12, 0)
    [remark] = report.remarks
    assert remark.startswith("2 votes (line ")


@pytest.mark.parametrize("bad", ["\ud83d", "\0"])
def test_half_character_in_a_prompt_of_55k_costs_no_vote(
    bring: Bring, tmp_path: Path, bad: str
) -> None:
    rows = samples.rows("arena-55k")
    rows[3]["prompt"] = json.dumps([f"Cheer me up {bad}"])
    report = bring("arena-55k", samples.write(tmp_path / "votes.csv", rows))
    assert (report.votes, len(report.remarks)) == (12, 1)
    assert "(line 5)" in report.remarks[0]


@pytest.mark.parametrize("format", [*samples.ROWS])
@pytest.mark.parametrize("bad", ["x\ud83d", "x\0", "x\x1b[2J", "x\u202ey"])
def test_half_character_in_a_name_costs_its_row(
    bring: Bring, tmp_path: Path, format: str, bad: str
) -> None:
    decided = [said for said in samples.VOTES if said[2].startswith("model")]
    rows = samples.rows(format, [*decided, (bad, "bea", "model_a")])
    path = tmp_path / ("votes.csv" if format == "csv" else "votes.jsonl")
    if format == "csv":
        text = "\n".join([",".join(rows[0]), *(",".join(map(str, row.values())) for row in rows)])
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
    else:
        samples.write(path, rows)
    report = bring(format, path)
    assert (report.votes, report.set_aside) == (len(decided), 1)
    assert report.first_set_aside[0].startswith(f"line {len(rows) + (format == 'csv')}: ")
    "\n".join(report.sentences()).encode()  # can be shown


@pytest.mark.parametrize("name", ["utf-16", "utf-32", "utf-8-sig"])
@pytest.mark.parametrize("format", ["csv", "arena-55k", "arena-33k"])
def test_file_with_a_mark_is_read_in_its_encoding(
    bring: Bring, tmp_path: Path, name: str, format: str
) -> None:
    suffix = ".csv" if format != "arena-33k" else ".jsonl"
    path = samples.write(tmp_path / f"votes{suffix}", samples.rows(format))
    path.write_bytes(path.read_bytes().decode().encode(name))
    assert bring(format, path).votes == 12


def test_utf16_that_breaks_off_is_refused(bring: Bring, csv_of: Callable[[bytes], Path]) -> None:
    with pytest.raises(ImportRefused, match="is damaged utf-16"):
        bring("csv", csv_of((HEAD + "a,b,tie,v\n").encode("utf-16")[:-1]))


@pytest.mark.parametrize("mark", ["utf-16-le", "utf-16-be", "utf-32-le"])
def test_utf16_without_a_mark_is_refused_in_a_sentence(
    bring: Bring, csv_of: Callable[[bytes], Path], mark: str
) -> None:
    with pytest.raises(ImportRefused, match="Save it as UTF-8"):
        bring("csv", csv_of((HEAD + "a,b,tie,v\n").encode(mark)))


def test_latin1_costs_the_rows_it_spoils(bring: Bring, csv_of: Callable[[bytes], Path]) -> None:
    report = bring("csv", csv_of((HEAD + "a,b,tie,v\nä,b,tie,v\na,b,tie,Jörg\n").encode("latin-1")))
    assert (report.votes, report.set_aside) == (1, 2)
    assert "save the file as UTF-8" in report.first_set_aside[1]


def test_latin1_throughout_is_refused_in_a_sentence(
    bring: Bring, csv_of: Callable[[bytes], Path]
) -> None:
    with pytest.raises(ImportRefused, match="save the file as UTF-8") as refused:
        bring("csv", csv_of((HEAD + "ä,ö,tie,v\n").encode("latin-1")))
    str(refused.value).encode()


def test_header_that_is_no_text_is_refused_in_a_sentence(
    bring: Bring, csv_of: Callable[[bytes], Path]
) -> None:
    with pytest.raises(ImportRefused, match="lacks the column") as refused:
        bring("csv", csv_of(b"mod\xe8le,\x00b,\x1b\nx,y,z\n"))
    str(refused.value).encode()
    assert "\0" not in str(refused.value)


@pytest.mark.parametrize("head", [b"PK\x03\x04", b"\x1f\x8b\x08", b"PAR1", b"\xd0\xcf\x11\xe0"])
@pytest.mark.parametrize("format", ["csv", "arena-33k", "arena-tallies", "open-webui"])
def test_other_kinds_of_files_are_told(
    bring: Bring, tmp_path: Path, head: bytes, format: str
) -> None:
    path = tmp_path / ("votes.csv" if format == "csv" else "votes.json")
    path.write_bytes(head + bytes(range(256)))
    with pytest.raises(ImportRefused, match="is not a text file but"):
        bring(format, path)
