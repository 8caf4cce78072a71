"""Whatever an admin uploads gets an explanation, never a server error."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from arena.importing.job import ImportVotes
from arena.jobs import progress, running
from arena.limits import IMPORTS
from arena.models import Campaign, Contestant, ImportedVote, Job, Prompt
from tests.bending import bend

from . import samples

pytestmark = pytest.mark.django_db
FORM = "/admin/arena/job/import/"
HEAD = b"model_a,model_b,winner\n"
FILES = {
    "NUL": ("csv", "v.csv", HEAD + b"ada,bea,tie\nad\0a,bea,tie\n"),
    "Latin-1": ("csv", "v.csv", HEAD + b"ada,b\xe9a,tie\n"),
    "Latin-1 header": ("csv", "v.csv", b"mod\xe8le,\xff,\0\n1,2,3\n"),
    "UTF-16": ("csv", "v.csv", (HEAD + b"ada,bea,tie\n").decode().encode("utf-16")),
    "UTF-16, no mark": ("csv", "v.csv", (HEAD + b"ada,bea,tie\n").decode().encode("utf-16-le")),
    "half a file of UTF-16": ("csv", "v.csv", (HEAD.decode() + "a,b,tie").encode("utf-16")[:-1]),
    "open quote": ("csv", "v.csv", HEAD + b'ada,bea,tie\nada,"bea,tie\nada,bea,tie\n'),
    "open quote in the header": ("csv", "v.csv", b'model_a,"model_b,winner\nada,bea,tie\n'),
    "empty": ("csv", "v.csv", b"\n"),
    "year 9999": ("csv", "v.csv", b"model_a,model_b,winner,timestamp\nada,bea,tie,9999-12-31\n"),
    "half an emoji": ("arena-33k", "v.jsonl", b'{"model_a": "\\ud83d", "model_b": "b"}\n'),
    "deep": ("arena-33k", "v.jsonl", b"[" * 100_000),
    "broken array": ("arena-33k", "v.json", b'[{"model_a": "a"}, {'),
    "Parquet without an end": ("arena-100k", "v.parquet", b"PAR1" + b"x" * 500 + b"PAR1"),
    "not Parquet": ("arena-100k", "v.parquet", b"\xff\xd8\xff"),
    "picture": ("open-webui", "v.json", bytes(range(256))),
    "absurd tallies": ("arena-tallies", "v.json", b'{"models":["a","b"],"X":[[0,1]],"Y":[[1e15]]}'),
    "no archive": ("llmfao", "v.zip", b"PK\x03\x04 nothing"),
    "wrong kind": ("arena-33k", "v.exe", b"MZ"),
    "odd name": ("csv", "\x1b\u202e" + "x" * 300 + ".csv", HEAD),
}  # fmt: skip


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "VAR", tmp_path / "var")
    monkeypatch.setattr(running, "wake", lambda: None)


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    return client


def send(
    admin: Client,
    format: str,
    name: str,
    content: bytes,
    campaign: str = "elsewhere",
    dry_run: bool = False,
) -> str:
    """What the page says: the form's errors, or the job's result after the worker has run it."""
    file = SimpleUploadedFile(name, content)
    asked = {"format": format, "file": file, "campaign": campaign}
    if dry_run:
        asked["dry_run"] = "on"
    response = admin.post(FORM, asked, follow=True)
    assert response.status_code == 200
    assert not ImportedVote.objects.exists()  # nothing in a web thread
    return part(response.content.decode()) if not Job.objects.exists() else done(admin)


def done(admin: Client) -> str:
    running.run_all(is_stopping=lambda: False)
    return part(admin.get(FORM).content.decode())


def part(page: str) -> str:
    """The errors of the form, or the report of the newest job."""
    begin = page.find('<ul class="errorlist')
    begin = begin if begin >= 0 else page.index("<li>", page.index("data-part"))
    return page[begin : page.index("<time", begin) if "<time" in page else None]


@pytest.mark.parametrize("kind", FILES)
def test_upload_gets_a_sentence_the_same_as_from_the_command(
    admin: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    format, name, content = FILES[kind]
    said = send(admin, format, name, content)
    assert not {*"\0\x1b\ufffe"} & {*said}
    path = tmp_path / name[-40:]
    path.write_bytes(content)
    if kind in ("no archive", "odd name"):  # only forms take archives; the name is another
        return
    try:
        call_command("import_votes", format, str(path), campaign="by-command")
    except CommandError as error:
        sentence = str(error)
    else:
        sentence = capsys.readouterr().out.splitlines()[-1].strip()
    sentence = sentence.replace("by-command", "elsewhere")
    assert plain(sentence) in plain(said)


def plain(sentence: str) -> str:
    """Undo HTML escaping of quotation marks."""
    return sentence.replace("&#x27;", "'").replace("&quot;", '"').replace("&amp;", "&")


@pytest.mark.parametrize("slug", ["My votes", "x" * 60, "method", "ä", "a\0b"])
def test_campaign_is_checked_as_the_command_checks_it(admin: Client, slug: str) -> None:
    said = send(admin, "csv", "v.csv", HEAD + b"ada,bea,tie\n", slug)
    assert "errorlist" in said
    assert not Campaign.objects.exists()


def packed(**files: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/"), data)
    return content.getvalue()


def test_archive_of_one_file_is_that_file(admin: Client) -> None:
    content = packed(**{"folder__votes.csv": HEAD + b"ada,bea,tie\n", "__MACOSX__._votes.csv": b""})
    assert "Imported 1 vote" in send(admin, "csv", "votes.zip", content)


def test_archive_that_unpacks_to_anything_is_refused(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    bend(monkeypatch, IMPORTS, unpacked_bytes=1 << 20)
    content = packed(**{"votes.csv": b"x" * (2 << 20)})
    assert len(content) < 10_000
    assert "holds more than" in send(admin, "csv", "votes.zip", content)


@pytest.mark.parametrize("damage", [b"\xff" * 40, b"", b"\x01"])
def test_damaged_archive_is_refused(admin: Client, damage: bytes) -> None:
    whole = packed(**{"votes.csv": HEAD + b"ada,bea,tie\n" * 500})
    said = send(admin, "csv", "votes.zip", whole[:45] + damage + whole[45 + len(damage) + 3 :])
    assert "is damaged" in said


def test_upload_beyond_all_measure_is_refused(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    bend(monkeypatch, IMPORTS, uploaded_bytes=10)
    assert "Import it with the command" in send(admin, "csv", "votes.csv", HEAD)


def test_limit_of_uploads_is_told_beforehand(admin: Client) -> None:
    assert "At most 1 GB" in admin.get(FORM).content.decode()


def test_upload_is_kept_for_the_worker_and_no_longer(admin: Client) -> None:
    upload = SimpleUploadedFile("v.csv", HEAD + b"ada,bea,tie\n")
    page = admin.post(FORM, {"format": "csv", "file": upload, "campaign": "elsewhere"}, follow=True)
    assert "Waiting for the background worker." in page.content.decode()
    stored = Job.objects.get().upload / "v.csv"
    assert stored.read_bytes() == HEAD + b"ada,bea,tie\n"
    assert "Imported 1 vote on 2 models into elsewhere." in done(admin)
    assert not stored.parent.exists()


def test_dry_run_says_what_would_be_and_changes_nothing(admin: Client) -> None:
    said = send(admin, "csv", "v.csv", HEAD + b"ada,bea,tie\nada,bea,=1\n", dry_run=True)
    assert "Would import 1 vote on 2 models into elsewhere." in said
    assert "v.set-aside.csv" in said
    assert "This was a dry run: nothing has changed." in said
    assert not Campaign.objects.exists()


def test_page_shows_the_first_bad_rows_and_the_file_has_all(admin: Client) -> None:
    said = send(admin, "csv", "v.csv", HEAD + b"ada,bea,tie\n" + b"ada,bea,perhaps\n" * 7)
    assert "Set aside 7 bad rows in v.set-aside.csv:" in said
    assert (said.count("  line "), "<br>  …" in said) == (3, True)
    with (Job.objects.get().folder / "v.set-aside.csv").open(encoding="utf-8-sig") as file:
        assert len([*csv.DictReader(file)]) == 7


def test_rows_set_aside_are_downloaded_as_a_spreadsheet_without_formulas(admin: Client) -> None:
    bad = b"ada,bea,\"=cmd|' /C calc'!A0\"\n@sum,\xff,tie\n"
    said = send(admin, "csv", "votes.csv", HEAD + b"ada,bea,tie\n" + bad)
    assert "Set aside 2 bad rows in votes.set-aside.csv:" in said
    job = Job.objects.get()
    response = admin.get(f"/admin/arena/job/{job.pk}/votes.set-aside.csv")
    assert response["Content-Disposition"] == 'attachment; filename="votes.set-aside.csv"'
    text = (job.folder / "votes.set-aside.csv").read_text(encoding="utf-8-sig")
    head, *rows = csv.reader(io.StringIO(text))
    assert head == ["line", "reason", "row"]
    assert [row[0] for row in rows] == ["3", "4"]
    assert "winner" in rows[0][1]
    assert json.loads(rows[0][2])["winner"] == "=cmd|' /C calc'!A0"
    assert json.loads(rows[1][2])["model_a"] == "@sum"


def test_import_that_is_cancelled_at_its_last_row_leaves_nothing(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = SimpleUploadedFile("v.csv", HEAD + b"ada,bea,tie\n")
    admin.post(FORM, {"format": "csv", "file": upload, "campaign": "elsewhere"})
    job = Job.objects.get()

    def cancel() -> bool:
        progress.forget(job)  # all that a running job sees of it
        return False

    running.run(job, ImportVotes(), is_stopping=cancel)
    assert not Campaign.objects.exists()
    assert not ImportedVote.objects.exists()
    admin.post(f"/admin/arena/job/{job.pk}/delete/")
    assert not Job.objects.exists()
    assert not job.upload.exists()


def test_import_that_a_restart_interrupts_begins_again(admin: Client) -> None:
    upload = SimpleUploadedFile("v.csv", HEAD + b"ada,bea,tie\n")
    admin.post(FORM, {"format": "csv", "file": upload, "campaign": "elsewhere"})
    job = Job.objects.get()
    running.run(job, ImportVotes(), is_stopping=lambda: True)
    job.refresh_from_db()
    assert job.state == Job.State.WAITING
    assert not ImportedVote.objects.exists()
    assert "Imported 1 vote" in done(admin)


def test_upload_that_cannot_be_stored_is_told_in_words(admin: Client, tmp_path: Path) -> None:
    (tmp_path / "var").write_text("in the way")
    said = send(admin, "csv", "v.csv", HEAD + b"ada,bea,tie\n")
    assert (
        "The upload could not be stored: Not a directory. Free some space and send it again."
        in said
    )
    assert not Job.objects.exists()


def test_staff_who_may_only_look_see_no_rows_of_imports(admin: Client, client: Client) -> None:
    send(admin, "csv", "v.csv", HEAD + b"ada,bea,tie\nada,bea,=1\n")
    looker = User.objects.create_user("looker", is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_campaign"))
    client.force_login(looker)
    assert client.get(FORM).status_code == 403
    assert client.get(f"/admin/arena/job/{Job.objects.get().pk}/v.set-aside.csv").status_code == 403


def test_addresses_of_before_lead_on_with_what_is_posted(admin: Client) -> None:
    upload = SimpleUploadedFile("v.csv", HEAD + b"ada,bea,tie\n")
    asked = {"format": "csv", "file": upload, "campaign": "elsewhere"}
    response = admin.post("/admin/arena/campaign/import/", asked)
    assert (response.status_code, response.headers["location"]) == (307, FORM)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"prompt\nWhy?\nhalf \xff\n", "Line 3: it is not UTF-8 text"),
        (b"prompt,id\nWhy?,a\0\n", "Line 2: it contains a NUL"),
        ("prompt\nWhy?\n".encode("utf-16-le"), "Save it as UTF-8"),
        (b'prompt\nWhy?\n"open\nHow?\n', "Line 3: a quotation mark"),
    ],
)
def test_prompts_that_cannot_be_stored_are_refused_with_their_line(
    admin: Client, contestants: list[Contestant], content: bytes, says: str
) -> None:
    campaign = Campaign.objects.create(slug="ready", name="Ready", kind=Campaign.Kind.PREPARED)
    asked = {"contestants": [contestants[0].pk], "file": SimpleUploadedFile("p.csv", content)}
    page = admin.post(f"/admin/arena/campaign/{campaign.pk}/prepare/", asked).content.decode()
    assert says in page
    assert not Prompt.objects.exists()


def test_rows_of_any_format_fail_alone_in_the_admin_too(admin: Client, tmp_path: Path) -> None:
    rows = samples.rows("arena-55k")
    rows[1]["prompt"], rows[2]["model_a"] = '["half \\ud83d"]', "half \ud83d"
    path = samples.write(tmp_path / "votes.json", rows)
    said = send(admin, "arena-55k", "votes.json", path.read_bytes())
    assert "Imported 11 votes" in said
    assert "Set aside 1 bad row" in said
