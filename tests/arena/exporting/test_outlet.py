"""Whose votes are in an export, what its texts contain, and which files come with it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pandas as pd
import pytest
from django.core.management import CommandError, call_command

from arena.errors import Refused
from arena.exporting import outlet, writers
from arena.exporting.formats import FORMATS
from arena.exporting.outlet import export
from arena.models import Campaign, Consent, Contestant, Tally, Vote, Voter
from tests import factories

from .conftest import SECRET

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@pytest.mark.parametrize("format", FORMATS)
def test_no_file_holds_what_must_not_leave(
    votes: list[Vote], tmp_path: Path, format: str, suffix: str
) -> None:
    path = tmp_path / f"votes{suffix}"
    done = export(FORMATS[format], path, "ours")
    assert (done.votes, done.left_out) == (6, 2)
    content = path.read_text() if suffix == ".csv" else unpacked(path)
    keys = [str(key) for key in Voter.objects.values_list("key", flat=True)]
    ids = [vote.battle.public_id for vote in votes]
    assert [secret for secret in (SECRET, *keys, *ids) if secret in content] == []
    assert "[e-mail]" in content


def unpacked(parquet: Path) -> str:
    rows = pd.read_parquet(parquet).to_dict("records")
    return json.dumps(rows, default=lambda value: getattr(value, "tolist", lambda: str(value))())


@pytest.mark.usefixtures("votes")
def test_withdrawn_consent_counts_for_the_next_export(tmp_path: Path) -> None:
    Consent.objects.filter(withdrawn=None).delete()
    with pytest.raises(Refused, match="None of the 8 votes"):
        export(FORMATS["evenhand"], tmp_path / "votes.jsonl", "ours")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("votes")
def test_card_tells_what_the_file_is(campaign: Campaign, tmp_path: Path) -> None:
    campaign.licence = "CC0-1.0"
    campaign.save()
    done = export(FORMATS["arena-140k"], tmp_path / "votes.jsonl", "ours")
    card = done.card.read_text()
    assert card.startswith("---\nlicense: CC0-1.0\n")
    assert hashlib.sha256(done.path.read_bytes()).hexdigest() in card
    assert "6 votes by people" in card
    assert "2 others are left out" in card


@pytest.mark.usefixtures("votes")
def test_failed_export_leaves_the_earlier_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "votes.jsonl"
    export(FORMATS["evenhand"], path, "ours")
    before = path.read_bytes()

    def fail(*_: object, **__: object) -> int:
        raise OSError("the disk is full")

    monkeypatch.setattr(outlet, "write", fail)
    with pytest.raises(OSError, match="full"):
        export(FORMATS["evenhand"], path, "ours")
    assert path.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "votes.README.md", "votes.jsonl", "votes.skips.jsonl",
    ]  # fmt: skip


def test_campaign_of_tallies_says_that_it_has_no_single_votes(
    campaign: Campaign, tmp_path: Path
) -> None:
    a, b = (factories.contestant(name) for name in "ab")
    Tally.objects.create(campaign=campaign, first=a, second=b, ties=1)
    with pytest.raises(Refused, match="only tallies"):
        export(FORMATS["arena-33k"], tmp_path / "votes.jsonl", "ours")


@pytest.mark.parametrize(
    ("name", "slug", "sentence"),
    [("votes.txt", "ours", "must end in"), ("votes.csv", "nobody", "no campaign 'nobody'"),
     ("votes.csv", "ours", "has no votes yet")],
)  # fmt: skip
@pytest.mark.usefixtures("campaign")
def test_command_refuses_in_a_sentence(tmp_path: Path, name: str, slug: str, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("export_votes", "arena-33k", str(tmp_path / name), campaign=slug)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("votes")
@pytest.mark.parametrize("name", ["votes.csv", "votes.README.md"])
def test_command_replaces_no_file_unless_told_to(tmp_path: Path, name: str) -> None:
    path, mine = tmp_path / "votes.csv", tmp_path / name
    mine.write_text("mine")
    with pytest.raises(CommandError, match=f"{name} already exists. Name another file, or use"):
        call_command("export_votes", "arena-33k", str(path), campaign="ours")
    assert [file.read_text() for file in tmp_path.iterdir()] == ["mine"]
    call_command("export_votes", "arena-33k", str(path), campaign="ours", overwrite=True)
    assert mine.read_text() != "mine"


@pytest.mark.usefixtures("votes")
def test_command_says_what_it_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "votes.csv"
    call_command("export_votes", "arena-33k", str(path), campaign="ours")
    assert capsys.readouterr().out.splitlines() == [
        f"Exported 6 votes to {path}; votes.README.md describes them.",
        "Left out 2 votes whose voters have not agreed to publication.",
    ]


def test_guarded_csv_has_no_cell_that_begins_a_formula(votes: list[Vote], tmp_path: Path) -> None:
    begun = ("=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "＝1", "plain", "a=1")
    names = Contestant.objects.order_by("pk")
    for one, begin in zip(names, ("=cmd|' /C calc'!A0", "-Bea", "Cyd"), strict=True):
        Contestant.objects.filter(pk=one.pk).update(name=begin)
    assert [writers.guard(text) for text in begun] == [
        *(f"'{text}" for text in begun[:7]), "plain", "a=1"
    ]  # fmt: skip
    exact, guarded = tmp_path / "exact.csv", tmp_path / "guarded.csv"
    for path, extra in ((exact, []), (guarded, ["--for-spreadsheets"])):
        call_command("export_votes", "evenhand", str(path), "--campaign", "ours", *extra)
    columns = [pd.read_csv(path, dtype=str)["model_a"] for path in (exact, guarded)]
    assert {*columns[0]} == {"=cmd|' /C calc'!A0", "-Bea", "Cyd"}
    assert {*columns[1]} == {"'=cmd|' /C calc'!A0", "'-Bea", "Cyd"}
    said = "an apostrophe stands before each cell"
    assert said in (tmp_path / "guarded.README.md").read_text()
    assert said not in (tmp_path / "exact.README.md").read_text()
