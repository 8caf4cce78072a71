"""Rows that cannot be used are left out, counted, and the first of them is named."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from ratings.cli import csv_table, files, parquet_table
from ratings.cli.main import main
from tests.ratings.cli.crowd import rows_of_crowd, write_parquet

HEADER = "model_a,model_b,winner\n"
GOOD = ["x,y,model_a", "y,x,model_a", "x,y,tie"]


def rated(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[list[dict[str, Any]], str]:
    assert main(["rate", str(path), "--format", "json"]) == 0
    captured = capsys.readouterr()
    return json.loads(captured.out), captured.err


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("x,y,left", "winner 'left' is not one of model_a, model_b, tie"),
        ("z,z,tie", "'z' is compared with itself"),
        (",y,tie", "'model_a' is empty"),
        ("x,y", "has 2 values, the header 3"),
        ('x,"y"z,tie', "its quotation marks do not match"),
    ],
)
@pytest.mark.parametrize("place", [0, 1, 600])
def test_bad_rows_change_nothing_but_a_message(
    bad: str, why: str, place: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, path = GOOD * 400, tmp_path / "votes.csv"
    path.write_text(HEADER + "\n".join(good))
    whole, _ = rated(path, capsys)
    path.write_text(HEADER + "\n".join([*good[:place], bad, bad, *good[place:], bad]))
    rows, error = rated(path, capsys)
    assert rows == whole
    assert f"3 bad rows are left out (--strict stops); the first: row {place + 1} " in error
    assert f"(line {place + 2}): {why}" in error
    assert main(["rate", str(path), "--strict"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"row {place + 1} (line {place + 2}): {why}" in captured.err


def test_bad_rows_of_json_are_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    votes = [
        dict(zip(("model_a", "model_b", "winner"), row.split(","), strict=True)) for row in GOOD
    ]
    lines = [*map(json.dumps, votes), "{oops", "[1]", '{"model_a": "x"}']
    path, array = tmp_path / "votes.jsonl", tmp_path / "votes.json"
    path.write_text("\n".join(lines))
    array.write_text(json.dumps([*votes, [1], {"model_a": "x"}, {}], indent=0))
    rows, error = rated(path, capsys)
    assert rated(array, capsys)[0] == rows
    assert "3 bad rows are left out (--strict stops); the first: row 4 (line 4): not JSON" in error


def test_file_of_bad_rows_alone_names_the_first(complaint: Any, tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    path.write_text(HEADER + "x,y,left\nx,y,right\n")
    assert complaint("rate", path) == (
        f"ratings: {path}: there are no votes that can be used; the first row that cannot: row 1 "
        "(line 2): winner 'left' is not one of model_a, model_b, tie, tie (bothbad), both_bad.\n"
    )


def test_a_voter_of_a_bad_row_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "votes.csv"
    path.write_text(
        "model_a,model_b,winner,judge\nx,y,model_a,ann\nx,y,model_b,bob\nv,w,nobody,eve\nx,y,tie,\n"
    )
    assert main(["voters", str(path), "--format", "json"]) == 0
    voters = {row["voter"] for row in json.loads(capsys.readouterr().out)}
    assert voters == {"ann", "bob", "(row 4: no judge)"}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (HEADER + 'x,y,tie\nx,"y,tie\n', "row 2: a quotation mark opens and is never closed."),
        (HEADER + f'x,"{"y" * 99}",tie\n', "row 1: a value of more than 50 characters"),
        ("x" * 400, "a line has more than 300 characters."),
    ],
)
def test_rows_without_an_end_stop_at_once(
    content: str, why: str, complaint: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_table, "LONGEST_VALUE", 50)
    monkeypatch.setattr(files, "LONGEST_LINE", 300)
    path = tmp_path / "votes.csv"
    path.write_text(content)
    assert why in complaint("rate", path)


def test_broken_json_and_damaged_gzip_are_named(complaint: Any, tmp_path: Path) -> None:
    path, packed = tmp_path / "votes.json", tmp_path / "votes.csv.gz"
    path.write_text('[{"model_a": "x", "model_b": "y", "winner": "tie"},\n{"model_a"')
    assert "line 2: the JSON is incomplete or invalid." in complaint("rate", path)
    path.write_text('{"models": ["x", "y"], "X": [[0, 1]], "Y": [[1, 2, 3, 4]]}')
    assert "votes that are aggregated per pair; use --tallies" in complaint("rate", path)
    packed.write_bytes(gzip.compress((HEADER + "x,y,tie\n" * 99).encode())[:-9])
    assert "the gzip is damaged" in complaint("rate", packed)
    packed.write_bytes(b"no gzip")
    assert "the gzip is damaged" in complaint("rate", packed)
    parquet = tmp_path / "votes.parquet.gz"
    parquet.write_bytes(b"no gzip")
    assert "the gzip is damaged" in complaint("rate", parquet)


def test_parquet_that_is_damaged_or_unpacks_to_too_much_is_named(
    complaint: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "votes.parquet"
    write_parquet(rows_of_crowd(), path)
    sound = path.read_bytes()
    footer = 8 + int.from_bytes(sound[-8:-4], "little")
    path.write_bytes(sound[:4] + bytes(len(sound) - footer - 4) + sound[-footer:])
    assert f"{path}: damaged after row 0 (" in complaint("rate", path)
    path.write_bytes(sound)
    monkeypatch.setattr(parquet_table, "MOST_BYTES", 1000)
    assert "rows after row 0 unpack to more than 1,000 bytes." in complaint("rate", path)


def test_model_without_a_name_is_left_out_in_every_kind_of_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "votes.json"
    path.write_text(
        json.dumps(
            [
                {"model_a": "x", "model_b": float("nan"), "winner": "tie"},
                {"model_a": None, "model_b": "x", "winner": "tie"},
                *(
                    dict(zip(HEADER.strip().split(","), row.split(","), strict=True))
                    for row in GOOD
                ),
            ]
        )
    )
    rows, said = rated(path, capsys)
    assert {row["model"] for row in rows} == {"x", "y"}
    assert said.startswith("ratings: 2 bad rows are left out")
    assert "'model_b' is empty" in said
