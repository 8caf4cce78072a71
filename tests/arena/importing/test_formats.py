"""Each format is imported with its intended meaning."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from arena.importing.errors import ImportRefused
from arena.importing.formats import FORMATS
from arena.models import Campaign, Contestant, ImportedVote, PreparedAnswer, Prompt

from . import samples
from .conftest import Bring, tallies

WITHOUT_BAD = {"arena-55k", "open-webui"}


@pytest.mark.parametrize(
    ("format", "suffix"),
    [("arena-55k", ".json"), ("arena-55k", ".jsonl"), ("arena-55k", ".csv"), ("csv", ".csv")],
)
def test_flat_format_is_counted_from_any_file(
    bring: Bring, tmp_path: Path, format: str, suffix: str
) -> None:
    path = samples.write(tmp_path / f"votes{suffix}", samples.rows(format))
    assert bring(format, path).votes == 12
    expected = samples.TALLIES_WITHOUT_BAD if format in WITHOUT_BAD else samples.TALLIES
    assert tallies() == expected


@pytest.mark.parametrize("suffix", [".json", ".jsonl", ".parquet"])
@pytest.mark.parametrize("format", ["arena-33k", "arena-100k", "arena-140k"])
def test_nested_format_is_counted_from_any_file(
    bring: Bring, tmp_path: Path, format: str, suffix: str
) -> None:
    path = tmp_path / f"votes{suffix}"
    if suffix == ".parquet":
        pd.DataFrame([without_empty(row) for row in samples.rows(format)]).to_parquet(path)
    else:
        samples.write(path, samples.rows(format))
    assert bring(format, path).votes == 12
    assert tallies() == samples.TALLIES


def without_empty(row: dict[str, object]) -> dict[str, object]:
    """Parquet has no empty structs."""
    return {name: value for name, value in row.items() if value != {}}


def test_log_is_counted(bring: Bring, tmp_path: Path) -> None:
    """FastChat names its JSON lines files `.json`."""
    path = samples.write(tmp_path / "log.jsonl", samples.rows("fastchat-log"))
    assert bring("fastchat-log", path.rename(path.with_suffix(".json"))).votes == 12
    assert tallies() == samples.TALLIES


def test_log_passes_over_what_is_no_blind_vote(bring: Bring, tmp_path: Path) -> None:
    blind = samples.rows("fastchat-log")
    shown = {**blind[0], "models": ["ada", "bea"]}
    after = {**blind[0], "models": ["### Model A: ada", "### Model B: bea"]}  # of the first vote
    chat = {"type": "chat", "tstamp": 1.0, "model": "ada"}
    rows = [chat, shown, after, *blind]
    report = bring("fastchat-log", samples.write(tmp_path / "log.jsonl", rows))
    assert (report.votes, report.set_aside) == (12, 0)
    assert dict(report.passed_over) == {
        "log lines of type 'chat'": 1,
        "votes on models whose names were shown": 2,
    }


def test_log_that_always_names_its_models_is_counted(bring: Bring, tmp_path: Path) -> None:
    rows = samples.rows("fastchat-log")
    named = [{**row, "models": [s["model_name"] for s in row["states"]]} for row in rows]
    bare = [{**row, "states": [{"messages": []}, {"messages": []}]} for row in named]
    assert bring("fastchat-log", samples.write(tmp_path / "log.jsonl", bare)).votes == 12
    assert tallies() == samples.TALLIES


def test_log_keeps_no_address(bring: Bring, tmp_path: Path) -> None:
    bring("fastchat-log", samples.write(tmp_path / "log.jsonl", samples.rows("fastchat-log")))
    voters = set(ImportedVote.objects.values_list("voter", flat=True))
    assert len(voters) == 3
    assert not any("192.0.2" in voter for voter in voters)


def test_feedback_of_open_webui_is_counted(bring: Bring, tmp_path: Path) -> None:
    decided = [said for said in samples.VOTES if said[2].startswith("model")]
    alone = {"id": "x", "data": {"rating": 1, "model_id": "ada", "sibling_model_ids": []}}
    rows = [*samples.rows("open-webui", decided), alone]
    report = bring("open-webui", samples.write(tmp_path / "feedback.json", rows))
    assert dict(report.passed_over) == {"feedback on a single answer": 1}
    assert tallies() == {pair: (a, b, 0, 0) for pair, (a, b, _, _) in samples.TALLIES.items()}


def test_tallies_are_added_up_either_way_round(bring: Bring, tmp_path: Path) -> None:
    path = tmp_path / "tallies.json"
    counts = {"models": samples.NAMES, "X": [[0, 1], [1, 0], [2, 0]], "Y": [[2, 1, 0, 3], [4, 5, 6],
              [1, 2, 3, 4]]}  # fmt: skip
    path.write_text(json.dumps(counts))
    assert bring("arena-tallies", path).votes == 6 + 15 + 10
    assert tallies() == {("ada", "bea"): (7, 5, 6, 3), ("ada", "cyd"): (2, 1, 3, 4)}
    assert not ImportedVote.objects.exists()


def test_llmfao_becomes_a_prepared_campaign_with_votes(bring: Bring, tmp_path: Path) -> None:
    report = bring("llmfao", samples.llmfao(tmp_path))
    assert report.votes == 12
    assert "It has 2 prompts with 6 answers to judge." in report.sentences()
    assert tallies() == samples.TALLIES_WITHOUT_BAD
    campaign = Campaign.objects.get(slug="elsewhere")
    assert (campaign.kind, campaign.licence) == (Campaign.Kind.PREPARED, "CC-BY-4.0")
    assert [p.text for p in Prompt.objects.filter(campaign=campaign)] == ["Prompt 0", "Prompt 1"]
    answers = PreparedAnswer.objects.filter(prompt__campaign=campaign)
    assert {(a.text, a.total_s) for a in answers} == {
        (f"{name} on {p}", 1.5) for name in samples.NAMES for p in range(2)
    }
    assert {v.item for v in ImportedVote.objects.all()} >= {"slug-0:0", "slug-1:0"}


@pytest.mark.parametrize(
    ("format", "expected"),
    [
        ("arena-33k", ("q0000", "arena_user_0", "en", datetime(2023, 4, 24, 15, 53, 11, 100000))),
        ("arena-55k", ("30000", "", "", None)),
        ("arena-100k", ("q0000", "hash0", "en", datetime(2023, 4, 24, 15, 53, 11, 100000))),
        ("arena-140k", ("id-0", "session-0", "en", datetime(2025, 5, 13, 8, 54, 0, 309000))),
        ("csv", ("v0", "w0", "de", datetime(2024, 2, 3, 4, 5))),
    ],
)
def test_vote_keeps_what_its_format_tells(
    bring: Bring, tmp_path: Path, format: str, expected: tuple[object, ...]
) -> None:
    suffix = ".csv" if format == "csv" else ".json"
    bring(format, samples.write(tmp_path / f"votes{suffix}", samples.rows(format)))
    vote = ImportedVote.objects.order_by("pk")[0]
    at = vote.at.astimezone(UTC).replace(tzinfo=None) if vote.at else None
    assert (vote.key, vote.voter, vote.language, at) == expected
    assert (vote.contestant_a.name, vote.contestant_b.name, vote.verdict) == ("ada", "bea", "A")


def test_llmfao_keeps_its_campaign_and_answers_when_it_grows(bring: Bring, tmp_path: Path) -> None:
    folder = samples.llmfao(tmp_path)
    bring("llmfao", folder)
    crowd = folder / "crowd-comparisons.csv"
    crowd.write_text(crowd.read_text() + "9,1,0,1,7,left,ada,bea\r\n9,1,0,5,7,left,ada,\r\n")
    report = bring("llmfao", folder)
    assert (report.votes, report.repeated, report.set_aside) == (1, 12, 1)
    assert PreparedAnswer.objects.count() == 6


def test_llmfao_keeps_several_texts_of_a_model_on_a_prompt(bring: Bring, tmp_path: Path) -> None:
    folder = samples.llmfao(tmp_path)
    results = folder / "results.jsonl"
    for text in ("another", "ada on 0", "another", "a third"):
        row = {"id": 9, "model": 0, "prompt": 0, "result": text, "duration": 1500.0}
        results.write_text(f"{results.read_text()}{json.dumps(row)}\n")
    for _time in range(2):
        bring("llmfao", folder)
        of_ada = PreparedAnswer.objects.filter(
            prompt__key="slug-0", revision__contestant__slug="ada"
        )
        texts = [*of_ada.order_by("number").values_list("number", "text")]
        assert texts == [(1, "ada on 0"), (2, "another"), (3, "a third")]


def test_llmfao_without_one_of_its_files_is_refused(bring: Bring, tmp_path: Path) -> None:
    folder = samples.llmfao(tmp_path)
    (folder / "models.jsonl").unlink()
    with pytest.raises(ImportRefused, match=r"lacks models\.jsonl"):
        bring("llmfao", folder)


def test_unknown_model_is_entered_hidden_with_its_reason(bring: Bring, tmp_path: Path) -> None:
    Contestant.objects.create(
        name="ada", slug="ada", organisation="Ours", access=Contestant.Access.OPEN_SOURCE
    )
    bring("csv", samples.write(tmp_path / "votes.csv", samples.rows("csv")))
    ada, bea, _ = Contestant.objects.order_by("name")
    assert (ada.organisation, ada.state) == ("Ours", Contestant.State.DRAFT)
    assert bea.state == Contestant.State.HIDDEN
    assert "votes.csv" in bea.events.get().reason


def test_model_of_the_catalogue_gets_its_facts(
    bring: Bring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Known:
        def contestant(self) -> dict[str, object]:
            return {"name": "Ada 1", "organisation": "Lovelace", "licence": "MIT",
                    "access": "OPEN_SOURCE", "parameters": 7}  # fmt: skip

    monkeypatch.setattr("arena.catalogue.find", lambda name: Known() if name == "ada" else None)
    bring("csv", samples.write(tmp_path / "votes.csv", samples.rows("csv")))
    ada = Contestant.objects.get(name="ada")
    assert (ada.organisation, ada.licence, ada.parameters) == ("Lovelace", "MIT", 7)
    assert ada.is_open
    bea = Contestant.objects.get(name="bea")
    assert (bea.access, bea.is_open) == (Contestant.Access.UNKNOWN, None)  # nobody knows


@pytest.mark.parametrize("format", FORMATS)
def test_format_refuses_a_file_that_is_not_there(bring: Bring, tmp_path: Path, format: str) -> None:
    with pytest.raises(ImportRefused, match="Check the path"):
        bring(format, tmp_path / "nowhere.json")
    assert not Campaign.objects.filter(slug="elsewhere").exists()
