"""Files that hold a voter's texts go when these are deleted, and no other files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db.models import F
from django.utils import timezone

from arena.exporting.job import Export
from arena.jobs import erasing, orders, running
from arena.jobs.kinds import Made
from arena.models import Campaign, Job, Vote, Voter
from arena.votes import forgetting
from tests.arena.exporting.conftest import campaign, revisions, votes

__all__ = ["campaign", "revisions", "votes"]
pytestmark = pytest.mark.django_db(transaction=True)
ASKED = {"format": "arena-33k", "file": ".jsonl"}


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "VAR", tmp_path)


@pytest.fixture
def made(campaign: Campaign, votes: list[Vote]) -> Job:
    job = orders.order(Export(), campaign, ASKED)
    run_all()
    job.refresh_from_db()
    assert job.state == Job.State.DONE
    return job


def run_all() -> None:
    running.run_all(is_stopping=lambda: False)


def is_kept(job: Job) -> bool:
    job.refresh_from_db()
    return job.state == Job.State.DONE and job.folder.is_dir()


def test_file_of_a_voter_goes_with_their_data_and_says_why(made: Job, votes: list[Vote]) -> None:
    forgetting.forget(votes[0].voter)
    assert not is_kept(made)
    assert (made.state, made.said, made.files) == (Job.State.FAILED, [erasing.DROPPED], [])
    assert not made.folder.exists()


def test_file_that_cannot_hold_ones_texts_stays(made: Job, votes: list[Vote]) -> None:
    elsewhere = Campaign.objects.create(slug="theirs", name="Another", kind="PREPARED")
    other = Job.objects.create(
        kind="export", campaign=elsewhere, name="v.csv", state="DONE", ended=timezone.now()
    )
    Job.objects.filter(pk=made.pk).update(created=F("created") + 2 * erasing.BEFORE)
    for never_agreed_or_withdrew in (votes[6].voter, votes[7].voter):
        forgetting.forget(never_agreed_or_withdrew)
    assert is_kept(made)
    forgetting.forget(votes[3].voter)
    other.refresh_from_db()
    assert other.state == Job.State.DONE


def test_file_that_is_being_made_begins_anew_without_them(
    campaign: Campaign, votes: list[Vote], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = orders.order(Export(), campaign, ASKED)
    leaving: list[Voter] = [votes[0].voter]
    whole = Export.run

    def run(self: Export, job: Job, note: Any) -> Made:
        found = whole(self, job, note)
        while leaving:
            forgetting.forget(leaving.pop())
        return found

    monkeypatch.setattr(Export, "run", run)
    run_all()
    assert is_kept(job)
    lines = (job.folder / job.name).read_text().splitlines()
    assert len(lines) == 3
    assert len({json.loads(line)["judge"] for line in lines}) == 1


def test_file_that_outlived_its_process_is_dropped_later(
    made: Job, votes: list[Vote], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasing, "drop", lambda voter: None)  # the process ended before it
    forgetting.forget(votes[0].voter)
    assert is_kept(made)
    forgetting.sweep()
    assert not is_kept(made)
