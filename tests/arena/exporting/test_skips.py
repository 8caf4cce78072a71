"""The file of skipped battles beside an export in our own format."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from arena.battles import skipping
from arena.exporting import consent, skips
from arena.exporting.formats import FORMATS
from arena.exporting.outlet import export
from arena.exporting.writers import SUFFIXES
from arena.models import Battle, Campaign, Revision, Vote, Voter
from tests import factories

from .conftest import SECRET
from .test_outlet import unpacked

pytestmark = pytest.mark.django_db(transaction=True)
COLUMNS = (
    "id model_a model_b voter seconds early at selection_probability policy item turns revision_a "
    "revision_b"
)


@pytest.fixture
def skipped(campaign: Campaign, revisions: dict[str, Revision], votes: list[Vote]) -> Battle:
    """By a voter who agreed to publication; so did another, who withdrew, and a third did not."""
    ada, bea = revisions["Ada 1"], revisions["Bea 2"]
    battles = []
    for voter in (votes[0].voter, votes[6].voter, votes[7].voter):
        battle = factories.battle(
            campaign, ada.contestant, bea.contestant, voter=voter, selection_probability=0.5
        )
        factories.turn(battle, f"Ask {SECRET}", {ada: "Forty-two.", bea: f"Ask {SECRET}, too."})
        skipping.skip(battle)
        battles.append(battle)
    return battles[0]


def test_skipped_battles_are_beside_the_votes_and_not_among_them(
    skipped: Battle, votes: list[Vote], tmp_path: Path
) -> None:
    done = export(FORMATS["evenhand"], tmp_path / "votes.jsonl", "ours")
    assert (done.votes, done.skipped) == (6, 1)
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "votes.README.md", "votes.jsonl", "votes.skips.jsonl",
    ]  # fmt: skip
    row = json.loads((tmp_path / "votes.skips.jsonl").read_text())
    assert " ".join(row) == COLUMNS
    assert (row["model_a"], row["model_b"], row["early"]) == ("Ada 1", "Bea 2", False)
    assert row["selection_probability"] == 0.5
    assert row["turns"][0]["answer_b"]["text"] == "Ask [e-mail], too."
    assert row["revision_a"]["weights"] == "Ada 1 weights"
    of_votes = [json.loads(line) for line in done.path.read_text().splitlines()]
    assert row["id"] not in [vote["id"] for vote in of_votes]
    assert row["voter"] == of_votes[0]["voter"]
    card = done.card.read_text()
    assert "`votes.skips.jsonl`" in card
    assert "holds 1 battle whose" in card


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_no_file_of_skips_holds_what_must_not_leave(
    skipped: Battle, tmp_path: Path, suffix: str
) -> None:
    done = export(FORMATS["evenhand"], tmp_path / f"votes{suffix}", "ours")
    assert done.skips
    content = unpacked(done.skips) if suffix == ".parquet" else done.skips.read_text()
    keys = [str(key) for key in Voter.objects.values_list("key", flat=True)]
    assert [secret for secret in (SECRET, *keys, skipped.public_id) if secret in content] == []
    assert "Forty-two." in content


def test_withdrawn_consent_takes_a_skip_out_of_the_next_file(
    skipped: Battle, campaign: Campaign
) -> None:
    assert list(skips.skipped(campaign)) == [skipped]
    consent.withdraw(skipped.voter)
    assert list(skips.rows(campaign)) == []


@pytest.mark.usefixtures("skipped")
def test_other_formats_leave_no_skips_of_an_earlier_export(tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    call_command("export_votes", "evenhand", str(path), campaign="ours")
    path.unlink()
    (tmp_path / "votes.README.md").unlink()
    with pytest.raises(CommandError, match=r"votes\.skips\.csv already exists"):
        call_command("export_votes", "arena-33k", str(path), campaign="ours")
    call_command("export_votes", "arena-33k", str(path), campaign="ours", overwrite=True)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["votes.README.md", "votes.csv"]
