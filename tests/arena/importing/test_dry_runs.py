"""A dry run in the admin, its preview, and the import that follows it with the same upload."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from arena.importing.detecting import detect
from arena.importing.errors import ImportRefused
from arena.jobs import orders, running
from arena.models import Campaign, Import, ImportedVote, Job
from people.models import AuditEvent
from tests import factories

from . import samples

pytestmark = pytest.mark.django_db
FORM = "/admin/arena/job/import/"
FILE = b"""model_a,model_b,winner,id
ada,bea,tie,1
ada,cyd,model_a,2
ada,bea,tie,1
ada,bea,maybe,4
bea,bea,tie,5
"""


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "VAR", tmp_path / "var")
    monkeypatch.setattr(running, "wake", lambda: None)


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    return client


def work() -> None:
    running.run_all(is_stopping=lambda: False)


@pytest.fixture
def dry(admin: Client) -> Job:
    """A dry run that has ended."""
    factories.contestant("ada")
    about = {"campaign": "elsewhere", "name": "Elsewhere 2026", "source": "a spreadsheet"}
    file = SimpleUploadedFile("v.csv", FILE)
    admin.post(FORM, {"format": "detect", "dry_run": "on", "file": file, **about})
    work()
    return Job.objects.get()


def test_dry_run_shows_what_the_file_has_and_changes_nothing(dry: Job) -> None:
    found: Any = {table["title"]: table["rows"] for table in dry.tables}
    assert found == {
        "What the file has": [
            ["Rows read", "5"], ["Votes to store", "2"], ["Votes that are already there", "1"],
            ["Rows set aside", "2"], ["Rows that are not votes", "0"],
        ],
        "Rows set aside, by reason": [
            ["winner 'maybe' is not one of model_a, model_b, tie, tie (bothbad), both_bad", "1",
             "5"],
            ["'bea' is compared with itself", "1", "6"],
        ],
        "2 new models, entered as hidden: never drawn": [
            ["bea", "not known"], ["cyd", "not known"],
        ],
    }  # fmt: skip
    assert dry.said[0] == "Format: the plain CSV of docs/importing.md."
    assert dry.offer == "Import these 2 votes"
    assert [file["name"] for file in dry.files] == ["v.set-aside.csv"]
    assert not Campaign.objects.exists()


def test_import_follows_with_the_same_upload_which_is_then_deleted(admin: Client, dry: Job) -> None:
    page = admin.get(FORM).content.decode()
    assert "Import these 2 votes" in page
    admin.post(f"/admin/arena/job/{dry.pk}/follow/")
    assert "Import these" not in admin.get(FORM).content.decode()
    work()
    made = Campaign.objects.get()
    assert (made.name, made.source) == ("Elsewhere 2026", "a spreadsheet")
    assert ImportedVote.objects.count() == 2
    newest = Job.objects.latest("pk")
    assert "Imported 2 votes on 3 models into elsewhere." in newest.said
    assert newest.offer == ""
    assert not newest.upload.exists()
    assert not dry.upload.exists()
    assert AuditEvent.objects.filter(what=AuditEvent.What.ORDERED, detail="v.csv").exists()
    said = admin.post(f"/admin/arena/job/{dry.pk}/follow/", follow=True).content.decode()
    assert "The upload is gone. Send the file again." in said


def test_upload_that_nobody_follows_up_is_deleted_after_a_day(dry: Job) -> None:
    orders.sweep()
    assert (dry.upload / "v.csv").read_bytes() == FILE
    Job.objects.update(ended=timezone.now() - timedelta(hours=25))
    orders.sweep()
    assert not dry.upload.exists()
    assert Job.objects.get().offer == ""


def test_dry_run_that_is_deleted_takes_its_upload_along(admin: Client, dry: Job) -> None:
    admin.post(f"/admin/arena/job/{dry.pk}/delete/")
    assert not dry.upload.exists()
    assert not dry.folder.exists()


@pytest.mark.parametrize("format", samples.ROWS)
def test_format_is_found_from_the_names_in_a_file(tmp_path: Path, format: str) -> None:
    suffix = "csv" if format == "csv" else "json"
    path = samples.write(tmp_path / f"votes.{suffix}", samples.rows(format))
    assert detect(path).name == format


def test_format_of_folders_and_tallies_is_found_too(tmp_path: Path) -> None:
    assert detect(samples.llmfao(tmp_path)).name == "llmfao"
    path = tmp_path / "tallies.json"
    path.write_text('{\n "models":\n ["ada", "bea"],\n "X": [[0, 1]],\n "Y": [[1, 2, 3]]}')
    assert detect(path).name == "arena-tallies"
    path.write_text('[{"prompt": "Why?"}]')
    with pytest.raises(ImportRefused, match=r"it has prompt\. Choose the format"):
        detect(path)


def test_command_finds_the_format_too(tmp_path: Path) -> None:
    path = tmp_path / "v.csv"
    path.write_bytes(FILE)
    call_command("import_votes", "detect", str(path), campaign="by-command")
    assert Import.objects.get().format == "csv"
