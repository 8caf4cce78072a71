"""A campaign's rule on answers that name their model is changed in the admin: earlier votes follow
in the background, and that can be undone. Files say of each vote left out why."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.test import Client

from arena.counting import reasons
from arena.exporting import consent
from arena.exporting.formats import FORMATS
from arena.exporting.outlet import export
from arena.jobs import running
from arena.labelling.naming_job import JudgeNames
from arena.models import Campaign, Job, Tally, Vote, Voter
from ratings.archive.reproduce import reproduce
from ratings.models import Snapshot
from ratings.refreshing import drafts
from ratings.refreshing.recount import differences

from .test_disclosures import GIVEN_AWAY, voted

pytestmark = [
    pytest.mark.usefixtures("in_service"),
    pytest.mark.django_db(transaction=True),
]
Standing = Vote.Standing
Rule = Campaign.NamedAnswers


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project, "VAR", tmp_path)


def run_all() -> None:
    running.run_all(is_stopping=lambda: False)
    assert differences(Campaign.objects.get()) == []


def saved(client: Client, **changes: Any) -> str:
    """The page after the campaign's form was sent."""
    campaign = Campaign.objects.get()
    given = {
        "slug": campaign.slug, "name": campaign.name, "visibility": "PUBLIC", "kind": "LIVE",
        "judgements_per_pair": 3, "shared_percent": 20, "licence": "CC-BY-4.0",
    }  # fmt: skip
    empty = {f"suggestions-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL")}
    at = f"/admin/arena/campaign/{campaign.pk}/change/"
    page = client.post(at, {**given, **empty, **changes}, follow=True)
    return page.content.decode()


def tallies() -> set[tuple[object, ...]]:
    """Without those of nothing."""
    rows = Tally.objects.values_list("slice", "first", "second", *Tally.COUNTS)
    return {row for row in rows if any(row[3:])}


def test_changed_rule_judges_earlier_votes_and_can_be_undone(
    voter: Voter, admin_client: Client
) -> None:
    named, _other = voted(voter, GIVEN_AWAY), voted(voter, "Forty-two.")
    before = tallies()
    page = saved(admin_client, named_answers=Rule.COUNTED)
    [job] = Job.objects.all()
    at = f"/admin/arena/job/names/{job.campaign_id}/"
    assert f'<a href="{at}">how far that is, and how to undo it</a>' in page
    run_all()
    job.refresh_from_db()
    assert (job.state, job.offer) == (Job.State.DONE, "Undo")
    assert "0 votes left out, 1 counted again." in admin_client.get(at).content.decode()
    assert Vote.objects.get(pk=named.pk).standing == Standing.COUNTED
    assert tallies() != before

    admin_client.post(f"/admin/arena/job/{job.pk}/follow/")
    run_all()
    assert Campaign.objects.get().named_answers == Rule.LEFT_OUT
    assert Vote.objects.get(pk=named.pk).standing_reason == reasons.NAMED
    assert tallies() == before
    again = admin_client.post(f"/admin/arena/job/{job.pk}/follow/", follow=True)
    assert "That was done, or is too long ago." in again.content.decode()


def test_form_with_the_same_rule_judges_nothing(voter: Voter, admin_client: Client) -> None:
    voted(voter, GIVEN_AWAY)
    saved(admin_client, named_answers=Rule.LEFT_OUT, name="Renamed")
    assert Campaign.objects.get().name == "Renamed"
    assert not Job.objects.exists()


def test_the_same_can_be_ordered_without_a_change(voter: Voter, admin_client: Client) -> None:
    vote = voted(voter, GIVEN_AWAY)
    vote.battle.turns.get().answers.update(text="Forty-two.")
    admin_client.post(JudgeNames().page(vote.battle.campaign, {}))
    run_all()
    assert Job.objects.get().offer == ""
    assert Vote.objects.get().standing == Standing.COUNTED


def test_files_say_why_such_a_vote_is_left_out(voter: Voter, tmp_path: Path, settings: Any) -> None:
    consent.give(voter)
    voted(voter, GIVEN_AWAY)
    for _ in range(3):
        voted(voter, "Forty-two.")
    done = export(FORMATS["evenhand"], tmp_path / "votes.csv", Campaign.objects.get().slug)
    rows = [*csv.DictReader(io.StringIO(done.path.read_text()))]
    said = sorted((row["standing"], row["standing_reason"]) for row in rows)
    assert said == [("COUNTED", "")] * 3 + [("EXCLUDED", reasons.NAMED)]

    settings.PUBLISH_EVERY = timedelta(0)
    drafts.refresh_all()
    snapshot = Snapshot.objects.filter(board__slug="overall").latest("pk")
    file = tmp_path / "snapshot.zip"
    file.write_bytes(bytes(snapshot.archive or b""))
    with zipfile.ZipFile(file) as archive:
        [name] = [one for one in archive.namelist() if one.endswith("exclusions.csv")]
        assert archive.read(name).decode().splitlines()[1:] == [f"{reasons.NAMED},1"]
        [votes] = [one for one in archive.namelist() if one.endswith("votes.csv")]
        assert archive.read(votes).decode().count(reasons.NAMED) == 1
    assert reproduce(file).differences == []
