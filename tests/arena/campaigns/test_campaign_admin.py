from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from arena.importing import demo
from arena.jobs import running
from arena.models import Campaign, Contestant, ImportedVote, PreparedAnswer, Prompt

from ..importing import samples

pytestmark = pytest.mark.django_db
ANSWERS = "/admin/arena/preparedanswer/"
LIST = "/admin/arena/campaign/"
IMPORT, DEMO = "/admin/arena/job/import/", "/admin/arena/job/demo/"
PAGES = [IMPORT, DEMO, f"{LIST}1/prepare/"]


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "VAR", tmp_path / "var")
    monkeypatch.setattr(running, "wake", lambda: None)


def done(admin: Client, page: str) -> str:
    """The page of jobs after the background worker has run."""
    running.run_all(is_stopping=lambda: False)
    return admin.get(page).content.decode()


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.fixture
def prepared(db: None) -> Campaign:
    return Campaign.objects.create(slug="ready", name="Ready", kind=Campaign.Kind.PREPARED)


def upload(path: Path) -> SimpleUploadedFile:
    return SimpleUploadedFile(path.name, path.read_bytes())


@pytest.mark.parametrize("path", PAGES)
def test_strangers_are_sent_to_the_login(client: Client, path: str) -> None:
    response = client.post(path)
    assert response.headers["location"].startswith("/admin/login/")


@pytest.mark.parametrize("path", PAGES)
def test_staff_without_permission_are_refused(client: Client, path: str) -> None:
    client.force_login(User.objects.create_user("new", is_staff=True))
    assert client.post(path).status_code == 403


@pytest.mark.parametrize(("dry_run", "votes"), [("on", 0), ("", 12)])
def test_uploaded_votes_are_imported_unless_it_is_a_dry_run(
    admin: Client, tmp_path: Path, dry_run: str, votes: int
) -> None:
    file = upload(samples.write(tmp_path / "votes.csv", samples.rows("csv")))
    asked = {"format": "csv", "file": file, "campaign": "elsewhere", "dry_run": dry_run}
    admin.post(IMPORT, asked)
    assert "12 votes on 3 models into elsewhere." in done(admin, IMPORT)
    assert ImportedVote.objects.count() == votes


def test_archive_is_imported_as_a_folder(admin: Client, tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for file in samples.llmfao(tmp_path).iterdir():
            archive.write(file, f"llmfao-main/{file.name}")
    asked = {"format": "llmfao", "campaign": "llmfao"}
    admin.post(IMPORT, {**asked, "file": SimpleUploadedFile("l.zip", packed.getvalue())})
    done(admin, IMPORT)
    assert (ImportedVote.objects.count(), PreparedAnswer.objects.count()) == (12, 6)


def test_refused_file_says_why(admin: Client) -> None:
    asked = {"format": "llmfao", "campaign": "x", "file": SimpleUploadedFile("x.zip", b"nothing")}
    admin.post(IMPORT, asked)
    assert "<b>Failed.</b> x.zip is not a .zip file" in done(admin, IMPORT)
    assert not Campaign.objects.exists()


def test_answers_are_ordered_with_typed_prompts(
    admin: Client,
    prepared: Campaign,
    contestants: list[Contestant],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("arena.campaigns.batches.advance_soon", lambda: None)
    chosen = [contestant.pk for contestant in contestants]
    asked = {"contestants": chosen, "typed": "One?\n\nTwo?"}
    page = admin.post(f"{LIST}{prepared.pk}/prepare/", asked, follow=True).content.decode()
    assert "2 prompts added; 6 answers to prepare." in page
    assert "0 of 6" in page


def test_prepared_answers_say_why_they_wait_and_failed_ones_are_retried(
    admin: Client, prepared: Campaign, in_service: None, contestants: list[Contestant]
) -> None:
    contestants[0].revisions.update(weights="on-no-worker")
    contestants[1].state = Contestant.State.DRAFT
    contestants[1].save()
    form = admin.get(f"{LIST}{prepared.pk}/prepare/").content.decode()
    assert "Xylophonic 9000 (weights missing)" in form
    assert "Quetzalbird 9000 (draft)" in form
    assert "Zugzwang 9000</option>" in form
    prompt = Prompt.objects.create(campaign=prepared, key="k", text="Why?")
    for one in contestants:
        PreparedAnswer.objects.create(prompt=prompt, revision=one.revisions.get())
    failed = PreparedAnswer.objects.get(revision__contestant=contestants[1])
    PreparedAnswer.objects.filter(pk=failed.pk).update(state="FAILED", error="it broke")
    page = admin.get(ANSWERS).content.decode()
    assert page.count("No running worker has on-no-worker.gguf.") == 1
    only = admin.get(ANSWERS, {"error": "broke", "state": "FAILED"}).content.decode()
    assert "1 prepared answer" in only
    chosen = PreparedAnswer.objects.values_list("pk", flat=True)
    said = admin.post(ANSWERS, {"action": "retry", "_selected_action": [*chosen]}, follow=True)
    assert "1 answer will be retried." in said.content.decode()
    failed.refresh_from_db()
    assert failed.state == "QUEUED"


@pytest.mark.parametrize(("action", "paused"), [("pause", True), ("resume", False)])
def test_making_answers_is_paused_and_resumed(
    admin: Client, prepared: Campaign, action: str, paused: bool
) -> None:
    Campaign.objects.filter(pk=prepared.pk).update(paused=not paused)
    admin.post(LIST, {"action": action, "_selected_action": [prepared.pk]})
    prepared.refresh_from_db()
    assert prepared.paused is paused


def test_list_offers_real_votes(
    admin: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = admin.get(LIST).content.decode()
    assert "Fetch the Chatbot Arena of August 2024" in page
    path = tmp_path / "tallies.json"
    path.write_text('{"models": ["a", "b"], "X": [[0, 1]], "Y": [[1, 2, 3, 4]]}')
    monkeypatch.setattr(demo, "august_2024", lambda: path)
    admin.post(DEMO)
    assert "Imported 10 votes on 2 models into arena-2024-08." in done(admin, DEMO)
    assert Campaign.objects.get().name == "Chatbot Arena, August 2024"


def test_date_and_time_have_a_label_each(admin: Client) -> None:
    page = admin.get(f"{LIST}add/").content.decode()
    for name, label in (("opens", "Opens (UTC)"), ("closes", "Closes (UTC)")):
        for number, half in enumerate(("date", "time")):
            [field] = re.findall(f'<input [^>]*name="{name}_{number}"[^>]*>', page)
            assert f'aria-label="{label}: {half}"' in field
