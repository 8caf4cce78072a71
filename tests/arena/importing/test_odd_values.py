"""Any value anywhere costs at most its row, or an error says what to do."""

from __future__ import annotations

import codecs
import json
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from arena.importing.errors import ImportRefused
from arena.models import Campaign, Contestant, ImportedVote, PreparedAnswer, Prompt

from . import samples
from .conftest import Bring, tallies

HEAD = "model_a,model_b,winner,voter\n"


@pytest.mark.parametrize(
    "line", ["[" * 100_000, '{"a": ' * 900 + "1" + "}" * 900, f'{{"a": {"9" * 5_000}}}']
)
def test_json_beyond_all_measure_costs_its_line(bring: Bring, tmp_path: Path, line: str) -> None:
    path = samples.write(tmp_path / "votes.jsonl", samples.rows("arena-33k"))
    path.write_text(f"{line}\n{path.read_text()}")
    report = bring("arena-33k", path)
    assert (report.votes, report.set_aside) == (12, 1)


ODD: list[Any] = [
    None, "", " ", 0, -1, 1e400, float("nan"), True, [], {}, [[]], {"a": {}}, "x" * 500, 10**30,
    "\ud83d", "\0", "\x1b", [None, None], ["a", "b"], {"model_name": ["x"]}, "[", "{'a': 1", 9e15,
]  # fmt: skip


@pytest.mark.parametrize("format", [name for name in samples.ROWS if name != "csv"])
def test_any_value_anywhere_costs_its_row_at_most(
    bring: Bring, tmp_path: Path, format: str
) -> None:
    decided = [said for said in samples.VOTES if said[2].startswith("model")]
    sound = samples.rows(format, decided)
    odd = [
        {**sound[0], "id": f"o{n}", "question_id": f"o{n}", name: value}
        for name in sound[0]
        for n, value in enumerate(ODD)
    ]
    report = bring(format, samples.write(tmp_path / "votes.jsonl", [*sound, *odd]))
    assert report.votes >= len(sound)
    "\n".join(report.sentences()).encode()


@pytest.mark.parametrize("count", [10**15, 10**9 + 1, -1, 1.5, "7", None, True, 2**70])
def test_tally_that_cannot_be_is_set_aside(bring: Bring, tmp_path: Path, count: object) -> None:
    path = tmp_path / "tallies.json"
    counts = {"models": samples.NAMES, "X": [[0, 1], [1, 2]], "Y": [[1, 2, 3], [1, count, 3]]}
    path.write_text(json.dumps(counts))
    report = bring("arena-tallies", path)
    assert (report.votes, report.set_aside) == (6, 1)
    assert report.first_set_aside[0].startswith("line 2: Y ")


def test_tallies_that_sum_up_to_too_much_are_refused(bring: Bring, tmp_path: Path) -> None:
    path = tmp_path / "tallies.json"
    most = [10**9] * 4
    path.write_text(json.dumps({"models": samples.NAMES, "X": [[0, 1]] * 3, "Y": [most] * 3}))
    with pytest.raises(ImportRefused, match="12,000,000,000 votes; more than"):
        bring("arena-tallies", path)


@pytest.mark.parametrize("name", ["x" * 121, "\ud83d", "a\0", "a\nb", 7, None, [], " "])
def test_tally_of_a_name_that_cannot_be_is_set_aside(
    bring: Bring, tmp_path: Path, name: object
) -> None:
    path = tmp_path / "tallies.json"
    counts = {"models": ["ada", "bea", name], "X": [[0, 1], [1, 2]], "Y": [[1, 2, 3], [1, 2, 3]]}
    path.write_text(json.dumps(counts))
    assert bring("arena-tallies", path).set_aside == 1


@pytest.mark.parametrize(
    "bad",
    ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "1970-01-01",
     "0", "2014-12-31T23:59:59Z", "253402300799", "-1", "1e300", "inf", "20240203", "99999"],
)  # fmt: skip
def test_time_of_no_vote_costs_its_row(bring: Bring, tmp_path: Path, bad: str) -> None:
    rows = samples.rows("csv")
    rows[3]["timestamp"] = bad
    report = bring("csv", samples.write(tmp_path / "votes.csv", rows))
    assert (report.votes, report.set_aside) == (11, 1)
    assert report.first_set_aside[0].startswith("line 5: timestamp ")


def test_time_to_come_costs_its_row(bring: Bring, tmp_path: Path) -> None:
    rows = samples.rows("csv")
    for row, days in zip(rows, (1, 4), strict=False):
        row["timestamp"] = str(time.time() + days * 86_400)
    assert bring("csv", samples.write(tmp_path / "votes.csv", rows)).set_aside == 1


def test_times_of_one_file_may_be_of_several_units(bring: Bring, tmp_path: Path) -> None:
    same = ["1706933100", "1706933100000", "1706933100000000", "1706933100000000000",
            "2024-02-03T04:05:00", "2024-02-03 05:05:00+01:00"]  # fmt: skip
    rows = samples.rows("csv")[: len(same)]
    for row, written in zip(rows, same, strict=True):
        row["timestamp"] = written
    bring("csv", samples.write(tmp_path / "votes.csv", rows))
    assert {vote.at.isoformat() for vote in ImportedVote.objects.all() if vote.at} == {
        "2024-02-03T04:05:00+00:00"
    }


def test_vote_that_has_changed_is_told(bring: Bring, tmp_path: Path) -> None:
    rows = samples.rows("csv")
    bring("csv", samples.write(tmp_path / "first.csv", rows))
    rows[0]["winner"], rows[5]["model_b"], rows[7]["voter"] = "tie", "bea", "another"
    report = bring("csv", samples.write(tmp_path / "second.csv", rows))
    assert (report.votes, report.repeated, report.changed.changed) == (0, 12, 2)
    [sentence] = [each for each in report.sentences() if "differ from the vote" in each]
    assert "v0, v5." in sentence
    assert tallies() == samples.TALLIES


@pytest.mark.parametrize("text", [None, "", "  ", "half \ud83d", "nul \0", 5, ["x"]])
def test_prompt_without_text_costs_its_own_votes(
    bring: Bring, tmp_path: Path, text: object
) -> None:
    folder = samples.llmfao(tmp_path)
    prompts = [{"id": n, "text": f"Prompt {n}", "slug": f"slug-{n}"} for n in range(2)]
    samples.write(folder / "prompts.jsonl", [{**prompts[0], "text": text}, prompts[1]])
    report = bring("llmfao", folder)
    assert (report.votes, report.set_aside) == (6, 1 + 3 + 6)
    assert [prompt.text for prompt in Prompt.objects.all()] == ["Prompt 1"]
    assert report.first_set_aside[0].startswith("line 1: prompts.jsonl: ")


@pytest.mark.parametrize(
    ("said", "thoughts", "text"),
    [
        ("<think>\nHm, HIDDEN.\n</think>\n\nForty-two.", "Hm, HIDDEN.", "Forty-two."),
        ("Hm, HIDDEN.\n</think>\n\nForty-two.", "Hm, HIDDEN.", "Forty-two."),
        ("[THINK]Hm.[/THINK]Forty-two.", "Hm.", "Forty-two."),
        ("Write\n<think>\nHm.\n</think>\nfirst.", "", "Write\n<think>\nHm.\n</think>\nfirst."),
        ("Forty-two.", "", "Forty-two."),
    ],
)
def test_thoughts_of_an_answer_made_elsewhere_are_no_part_of_it(
    bring: Bring, tmp_path: Path, said: str, thoughts: str, text: str
) -> None:
    folder = samples.llmfao(tmp_path)
    rows = [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]
    samples.write(folder / "results.jsonl", [{**rows[0], "result": said}, *rows[1:]])
    bring("llmfao", folder)
    first = PreparedAnswer.objects.order_by("pk")[0]
    assert (first.thoughts, first.text) == (thoughts, text)


def test_thoughts_without_an_answer_are_nothing_to_judge(bring: Bring, tmp_path: Path) -> None:
    folder = samples.llmfao(tmp_path)
    rows = [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]
    samples.write(folder / "results.jsonl", [{**rows[0], "result": "<think>Hm, "}, *rows[1:]])
    bring("llmfao", folder)
    assert PreparedAnswer.objects.count() == len(rows) - 1


@pytest.mark.parametrize(
    "slug", ["My votes", "", "a/b", "ä", "x" * 51, "x\0", "a.b", "\ud83d", "../x"]
)
def test_campaign_that_no_address_can_hold_is_refused(
    bring: Bring, tmp_path: Path, slug: str
) -> None:
    path = samples.write(tmp_path / "votes.csv", samples.rows("csv"))
    with pytest.raises(ImportRefused, match="can't be a campaign's name in addresses") as refused:
        bring("csv", path, slug)
    assert slug != "My votes" or "such as my-votes." in str(refused.value)
    assert not Campaign.objects.exists()


@pytest.mark.parametrize("format", ["csv", "arena-33k", "arena-tallies", "open-webui"])
def test_folder_in_place_of_a_file_is_refused(bring: Bring, tmp_path: Path, format: str) -> None:
    with pytest.raises(ImportRefused):
        bring(format, tmp_path)


def test_archive_of_an_excel_sheet_is_told(bring: Bring, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "votes.csv", "w") as archive:
        archive.writestr("sheet.xml", "x")
    with pytest.raises(ImportRefused, match="xlsx"):
        bring("csv", tmp_path / "votes.csv")


def test_names_in_any_script_are_kept(bring: Bring, csv_of: Callable[[str], Path]) -> None:
    bring("csv", csv_of(f"{HEAD}שלום,مرحبا,model_a,v\n👩‍💻-7b,a&b<c>,tie,v\n"))
    assert {each.name for each in Contestant.objects.all()} == {
        "שלום",
        "مرحبا",
        "👩‍💻-7b",
        "a&b<c>",
    }


def test_mark_of_utf8_is_no_part_of_the_first_column(
    bring: Bring, csv_of: Callable[[bytes], Path]
) -> None:
    assert bring("csv", csv_of(codecs.BOM_UTF8 + HEAD.encode() + b"a,b,tie,v\n")).votes == 1


def test_header_of_another_encoding_costs_nothing(
    bring: Bring, csv_of: Callable[[str | bytes], Path]
) -> None:
    rows = b"model_a,model_b,winner,caf\xe9\nada,bea,model_a,x\nbea,ada,tie,y\n"
    report = bring("csv", csv_of(rows))
    assert report.votes == 2
    "\n".join(report.sentences()).encode()
