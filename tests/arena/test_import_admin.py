"""Whatever an admin uploads: a sentence, never an error."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from arena.campaigns import forms
from arena.models import Campaign, Contestant, ImportedVote, Prompt

from .importing import samples

pytestmark = pytest.mark.django_db
FORM = "/admin/arena/campaign/import/"
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


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    return client


def send(admin: Client, format: str, name: str, content: bytes, campaign: str = "elsewhere") -> str:
    """What the page says: in the form, or above the list."""
    file = SimpleUploadedFile(name, content)
    asked = {"format": format, "file": file, "campaign": campaign}
    response = admin.post(FORM, asked, follow=True)
    assert response.status_code == 200
    page = response.content.decode()
    marks = ('<ul class="errorlist', '<ul class="messagelist')
    begin = min(at for mark in marks if (at := page.find(mark)) >= 0)
    return page[begin : page.index("</ul>", begin)]


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
    """Pages write quotation marks as entities."""
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
    monkeypatch.setattr(forms, "MOST_UNPACKED", 1 << 20)
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
    monkeypatch.setattr(forms, "MOST_UPLOADED", 10)
    assert "Import it with the command" in send(admin, "csv", "votes.csv", HEAD)


def test_import_that_nobody_can_wait_for_is_ended(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "LONGEST_S", -time.monotonic())
    said = send(admin, "csv", "votes.csv", HEAD + b"ada,bea,tie\n")
    assert "may take as long as it needs" in said
    assert not ImportedVote.objects.exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"prompt\nWhy?\nhalf \xff\n", "Line 3: it is not UTF-8 text"),
        (b"prompt,id\nWhy?,a\0\n", "Line 2: it holds a NUL"),
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
