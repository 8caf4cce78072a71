"""Backups that the clock orders: made by the background worker, rotated, and told of."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from arena.jobs import orders, running
from arena.models import Job, Voter
from config import periodic, tasks
from config.backups import job, rotation
from config.backups.archive import Archive
from config.backups.making import Made

pytestmark = pytest.mark.django_db(transaction=True)
State = Job.State


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "VAR", tmp_path)
    monkeypatch.setattr(settings, "BACKUP_DIR", str(tmp_path / "backups"))
    return tmp_path / "backups"


def run_all() -> Job:
    """The job that was ordered last, done."""
    running.run_all(is_stopping=lambda: False)
    return Job.objects.filter(kind="backup")[0]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_backup_is_made_when_it_is_due(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "config.back_up" in {each.task for each in periodic.SCHEDULE}
    Voter.objects.create()
    tasks.back_up()
    tasks.back_up()  # while the first one waits
    done = run_all()
    assert (done.state, Job.objects.count()) == (State.DONE, 1)
    assert done.said[0].endswith(f"in {folder}.")
    [made] = folder.iterdir()
    with made.open("rb") as file:
        tables = [table for table, _ in Archive(file, made.name).rows()]
    assert "arena_voter" in tables
    tasks.back_up()
    assert Job.objects.count() == 1
    Job.objects.update(created=timezone.now() - settings.BACKUP_EVERY)
    tasks.back_up()
    assert Job.objects.count() == 2


def test_without_a_folder_none_is_ordered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "BACKUP_DIR", "")
    tasks.back_up()
    assert not Job.objects.exists()
    orders.order(job.Backup(), None, {})  # in the admin
    failed = run_all()
    assert (failed.state, failed.said) == (State.FAILED, [job.NO_FOLDER])


def test_failed_backup_says_why_and_is_tried_again_after_an_hour(folder: Path) -> None:
    folder.write_text("in the way")
    tasks.back_up()
    failed = run_all()
    assert failed.state == State.FAILED
    assert "could not be written: File exists" in failed.said[0]
    tasks.back_up()
    assert Job.objects.count() == 1
    Job.objects.update(created=timezone.now() - job.AGAIN)
    tasks.back_up()
    assert Job.objects.count() == 2


def test_backup_by_hand_does_not_put_the_scheduled_one_off(tmp_path: Path) -> None:
    job.remember(tmp_path / "mine", Made(123, 4))
    assert job.is_due()


def test_cancelled_backup_leaves_nothing(folder: Path) -> None:
    tasks.back_up()
    ordered = Job.objects.get()
    running.run(ordered, job.Backup(), is_stopping=lambda: True)
    ordered.refresh_from_db()
    assert ordered.state == State.WAITING
    assert names(folder) == []


def test_only_days_and_weeks_of_the_setting_stay(folder: Path) -> None:
    folder.mkdir()
    monday = datetime(2026, 11, 30, 3)
    days = [monday - timedelta(days=back, hours=hour) for back in range(60) for hour in (0, 1)]
    for at in days:
        (folder / rotation.name(at, is_sealed=at.day % 2 == 0)).touch()
    cut = f"{rotation.name(monday, is_sealed=True)}.part"
    for other in (cut, "evenhand.tar.zst", "mine-20260101-000000.tar.zst"):
        (folder / other).touch()
    gone = rotation.rotate(folder, days=3, weeks=4)
    left = names(folder)
    assert len(gone) == 120 - 5
    assert left == [
        "evenhand-20261115-030000.tar.zst",  # Sundays: the newest of their weeks
        "evenhand-20261122-030000.tar.zst.age",
        "evenhand-20261128-030000.tar.zst.age",
        "evenhand-20261129-030000.tar.zst",
        "evenhand-20261130-030000.tar.zst.age",
        "evenhand.tar.zst",
        "mine-20260101-000000.tar.zst",
    ]


def test_jobs_of_rotated_files_go_with_them(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "BACKUP_KEEP_DAYS", 1)
    monkeypatch.setattr(settings, "BACKUP_KEEP_WEEKS", 0)
    folder.mkdir()
    old = rotation.name(datetime(2026, 11, 1), is_sealed=False)
    (folder / old).touch()
    for name, state in (("failed", State.FAILED), (old, State.DONE)):
        Job.objects.create(kind="backup", name=name, state=state)
    Job.objects.update(created=timezone.now() - timedelta(days=9))
    tasks.back_up()
    done = run_all()
    assert done.said[1] == "1 older one deleted."
    assert names(folder) == [done.name]
    assert list(Job.objects.all()) == [done]
