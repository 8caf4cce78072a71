"""An import is all or nothing, happens once, and reports what is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from arena.importing import loading
from arena.importing.blocks import Block
from arena.importing.errors import ImportRefused
from arena.importing.formats import plain_csv
from arena.importing.formats.arrow_csv import NotPlain
from arena.models import Campaign, Contestant, Import, ImportedVote, RegistryEvent, Tally

from . import samples
from .conftest import Bring, tallies


def counts() -> list[int]:
    tables = (Campaign, Contestant, Import, ImportedVote, RegistryEvent, Tally)
    return [table.objects.count() for table in tables]


@pytest.fixture
def votes(tmp_path: Path) -> Path:
    return samples.write(tmp_path / "votes.csv", samples.rows("csv"))


def test_same_file_again_changes_nothing_and_says_so(bring: Bring, votes: Path) -> None:
    bring("csv", votes)
    before = counts()
    report = bring("csv", votes.rename(votes.with_name("renamed.csv")))
    assert counts() == before
    [sentence] = report.sentences()
    assert "Nothing has changed" in sentence


def test_longer_file_adds_only_what_is_new(bring: Bring, votes: Path, tmp_path: Path) -> None:
    bring("csv", votes)
    more = samples.rows("csv", [*samples.VOTES, ("ada", "bea", "model_a")])
    report = bring("csv", samples.write(tmp_path / "more.csv", more))
    assert (report.votes, report.repeated) == (1, 12)
    assert tallies() == {**samples.TALLIES, ("ada", "bea"): (3, 1, 1, 1)}
    assert ImportedVote.objects.count() == 13


def test_vote_repeated_within_a_file_counts_once(bring: Bring, tmp_path: Path) -> None:
    rows = samples.rows("csv")
    report = bring("csv", samples.write(tmp_path / "votes.csv", [*rows, rows[0], rows[0]]))
    assert (report.votes, report.repeated) == (12, 2)
    assert tallies() == samples.TALLIES


def test_votes_without_names_may_look_alike(bring: Bring, tmp_path: Path) -> None:
    rows = [{n: row[n] for n in ("model_a", "model_b", "winner")} for row in samples.rows("csv")]
    assert bring("csv", samples.write(tmp_path / "votes.csv", rows)).votes == 12
    assert tallies() == samples.TALLIES


def test_dry_run_says_the_same_and_changes_nothing(bring: Bring, votes: Path) -> None:
    before = counts()
    dry = bring("csv", votes, dry_run=True)
    assert counts() == before
    real = bring("csv", votes)
    assert (dry.votes, dry.models, dry.entered) == (real.votes, real.models, real.entered)
    assert next(dry.sentences()) == "Would import 12 votes on 3 models into elsewhere."


def test_columns_that_are_not_used_are_named(bring: Bring, tmp_path: Path) -> None:
    rows = [{**row, "judge": "u1"} for row in samples.rows("csv")]
    report = bring("csv", samples.write(tmp_path / "votes.csv", rows))
    assert any(sentence.startswith("Not used: judge. ") for sentence in report.sentences())


def test_bad_rows_are_set_aside_with_their_lines(bring: Bring, tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    path.write_text(
        "model_a,model_b,winner,item\n"
        'ada,bea,model_a,"two\nlines"\n'  # lines 2 and 3
        "ada,ada,model_a,x\n"
        "\n"
        "ada,bea,nobody,x\n"
        "ada,bea\n"
        ",bea,tie,x\n"
        "ada,bea,both_bad,x\n"
    )
    report = bring("csv", path)
    assert (report.votes, report.set_aside) == (2, 4)
    aside = [json.loads(line) for line in (tmp_path / "aside.jsonl").read_text().splitlines()]
    assert [bad["line"] for bad in aside] == [4, 6, 7, 8]
    assert [bad["reason"] for bad in aside] == [
        "'ada' is compared with itself",
        "winner 'nobody' is not one of model_a, model_b, tie, tie (bothbad), both_bad",
        "it has 2 values, the header 4",
        "it has no 'model_a'",
    ]
    assert aside[1]["row"]["winner"] == "nobody"
    assert ImportedVote.objects.earliest("pk").item == "two\nlines"


def test_broken_json_line_is_set_aside(bring: Bring, tmp_path: Path) -> None:
    path = samples.write(tmp_path / "votes.jsonl", samples.rows("arena-33k"))
    path.write_text("{broken\n[1]\n" + path.read_text())
    report = bring("arena-33k", path)
    assert (report.votes, report.set_aside) == (12, 2)
    assert report.first_set_aside[1] == "line 2: it is not a JSON object"


def test_array_that_breaks_off_imports_nothing(bring: Bring, tmp_path: Path) -> None:
    path = samples.write(tmp_path / "votes.json", samples.rows("arena-33k"))
    path.write_text(path.read_text()[:-40])
    before = counts()
    with pytest.raises(ImportRefused, match=r"line \d+: the JSON is incomplete"):
        bring("arena-33k", path)
    assert counts() == before


def test_failure_in_the_middle_imports_nothing(
    bring: Bring, votes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> int:
        raise RuntimeError("the power is cut")

    monkeypatch.setattr(loading, "count_votes", fail)
    before = counts()
    with pytest.raises(RuntimeError):
        bring("csv", votes)
    assert counts() == before


def test_file_of_another_format_is_refused(bring: Bring, votes: Path) -> None:
    with pytest.raises(ImportRefused, match="has no vote that can be read as arena-55k"):
        bring("arena-55k", votes)
    assert not Campaign.objects.filter(slug="elsewhere").exists()


def test_csv_without_its_columns_is_refused(bring: Bring, tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    path.write_text("left,right,winner\na,b,tie\n")
    with pytest.raises(ImportRefused, match="lacks the column 'model_a'"):
        bring("csv", path)


def test_live_campaign_takes_no_votes_from_elsewhere(bring: Bring, votes: Path) -> None:
    Campaign.live()
    with pytest.raises(ImportRefused, match="Choose another --campaign"):
        bring("csv", votes, "arena")


@pytest.mark.parametrize(
    "nasty", ["back\\slash", "tab\tbed", "new\nline", "NULL", "\\N", "Ünïcødé"]
)
def test_text_survives_as_it_is(bring: Bring, tmp_path: Path, nasty: str) -> None:
    rows = [{**row, "voter": nasty, "item": nasty} for row in samples.rows("csv")]
    bring("csv", samples.write(tmp_path / "votes.csv", rows))
    assert {(v.voter, v.item) for v in ImportedVote.objects.all()} == {(nasty, nasty)}


def test_name_may_hold_what_copy_would_misread(bring: Bring, tmp_path: Path) -> None:
    rows = [{**row, "model_a": "a\\b"} for row in samples.rows("csv")]
    bring("csv", samples.write(tmp_path / "votes.csv", rows))
    assert Contestant.objects.filter(name="a\\b").exists()


def test_file_that_turns_out_not_to_be_plain_is_read_again_whole(
    bring: Bring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("arena.importing.formats.arrow_csv.BLOCK_BYTES", 300)
    rows = [*samples.rows("csv"), {**samples.rows("csv")[0], "id": "x", "voter": "tab\tbed"}]
    report = bring("csv", samples.write(tmp_path / "votes.csv", rows))
    assert (report.votes, report.entered) == (13, ["ada", "bea", "cyd"])
    assert ImportedVote.objects.count() == 13
    assert tallies() == {**samples.TALLIES, ("ada", "bea"): (3, 1, 1, 1)}


def test_plain_file_is_never_read_row_by_row(
    bring: Bring, votes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain_csv, "vote", None)
    assert bring("csv", votes).votes == 12


def test_bytes_that_are_not_utf8_spoil_their_row_only(bring: Bring, votes: Path) -> None:
    lines = votes.read_bytes().splitlines(keepends=True)
    lines[1] = lines[1].replace(b"ada", b"\xff\xfe")
    votes.write_bytes(b"".join(lines))
    report = bring("csv", votes)
    assert (report.votes, report.first_set_aside) == (
        11,
        ["line 2: it is not UTF-8 text: save the file as UTF-8"],
    )


@pytest.mark.parametrize("time", ["1706933100", "1706933100.5", "1706933100000", "", "2024-02-03"])
def test_time_may_be_written_in_several_ways(bring: Bring, tmp_path: Path, time: str) -> None:
    rows = [{**row, "timestamp": time} for row in samples.rows("csv")]
    assert bring("csv", samples.write(tmp_path / "votes.csv", rows)).votes == 12
    days = {vote.at.date().isoformat() if vote.at else "" for vote in ImportedVote.objects.all()}
    assert days == {"2024-02-03" if time else ""}


def test_time_that_is_none_is_a_bad_row(bring: Bring, tmp_path: Path) -> None:
    rows = samples.rows("csv")
    rows[3]["timestamp"] = "2024-02-31T00:00:00Z"
    report = bring("csv", samples.write(tmp_path / "votes.csv", rows))
    assert report.first_set_aside == ["line 5: timestamp '2024-02-31T00:00:00Z' is not a time"]


def look_closer(*_: object) -> Iterator[Block]:
    raise NotPlain


@pytest.mark.parametrize("zone", ["", "Z", "+02:00"])
def test_careful_and_quick_reading_agree(
    bring: Bring, votes: Path, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    votes.write_text(votes.read_text().replace("Z\n", f"{zone}\n"))
    bring("csv", votes)
    fields = ("contestant_a__name", "contestant_b__name", "verdict", "key", "voter", "item",
              "language", "at")  # fmt: skip
    quick = list(ImportedVote.objects.values_list(*fields))
    monkeypatch.setattr(plain_csv, "arrow_blocks", look_closer)
    bring("csv", votes, "again")
    careful = ImportedVote.objects.filter(source__campaign__slug="again")
    assert list(careful.values_list(*fields)) == quick


def test_command_reports_in_sentences(
    db: None, votes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("import_votes", "csv", str(votes), campaign="elsewhere", dry_run=True)
    said = capsys.readouterr().out.splitlines()
    assert said == [
        "Would import 12 votes on 3 models into elsewhere.",
        "3 new models entered as hidden: ada, bea, cyd.",
        "This was a dry run: nothing has changed.",
    ]
    with pytest.raises(CommandError, match="There is no file"):
        call_command("import_votes", "csv", "nowhere.csv", campaign="elsewhere")
