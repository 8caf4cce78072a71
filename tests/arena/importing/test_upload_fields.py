"""Every upload of text in the admin, in odd encodings: a sentence at the field, or in the report of
the rows, that says what to do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

import arena.admin  # noqa: F401 - loads every form
from arena.jobs import running
from arena.models import Campaign, Contestant, ImportedVote, Job, Prompt

pytestmark = pytest.mark.django_db
IMPORT = "/admin/arena/job/import/"
VOTES = "model_a,model_b,winner\nad\u00e9,bea,tie\n"
PROMPTS = "prompt,id\nWhy \u00e9?,a\n"
BAD = '{"prompt": "half \\ud800", "model_a": "half \\ud800", "model_b": "b", "winner": "tie"}\n'
# What is sent, as which file; what is said at the field of votes (in the report, from the second
# on, if it is a row that is bad) and at that of prompts. An empty text: it is taken.
CASES: dict[str, tuple[str, bytes | None, str, str]] = {
    "UTF-16 with a mark": ("utf-16", None, "", ""),
    "UTF-16 without a mark": ("utf-16-le", None, "Save it as UTF-8", "Save it as UTF-8"),
    "UTF-32": ("utf-32", None, "", ""),
    "Latin-1": ("latin-1", None, "save the file as UTF-8", "Line 2: it is not UTF-8 text"),
    "byte order mark": ("utf-8-sig", None, "", ""),
    "NUL": ("nul", None, "it contains a NUL character", "Line 2: it contains a NUL character"),
    "CRLF": ("crlf", None, "", ""),
    "wrong delimiter": ("semicolon", None, "separated by commas", "separated by commas"),
    "lone surrogate": (".jsonl", BAD.encode(), "half a character", "Line 1: it contains half a"),
    "empty": (".csv", b"", "The submitted file is empty.", "The submitted file is empty."),
    "only a line break": (".csv", b"\n", "is empty", "is empty"),
    "a picture": (".csv", b"\x89PNG\r\n\x1a\n" + bytes(64), "Save it as UTF-8", "Save it as UTF-8"),
    "a spreadsheet": (".csv", b"PK\x03\x04" + bytes(9), "save it as CSV UTF-8", "CSV UTF-8"),
    "gzip": (".csv", b"\x1f\x8b" + bytes(9), "a gzip file. Unpack it", "a gzip file. Unpack it"),
    "another type": (".txt", b"Why?", "not a supported type", "not a supported type"),
}


def sent(case: str, text: str) -> SimpleUploadedFile:
    how, content, _, _ = CASES[case]
    if content is not None:
        return SimpleUploadedFile(f"file{how}", content)
    changed = {
        "nul": text.replace("\u00e9", "\0"),
        "crlf": text.replace("\n", "\r\n"),
        "semicolon": text.replace(",", ";"),
    }
    encoding = how if how not in changed else "utf-8"
    return SimpleUploadedFile("file.csv", changed.get(how, text).encode(encoding))


@pytest.fixture
def admin(client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> Client:
    monkeypatch.setattr(settings, "VAR", tmp_path)
    monkeypatch.setattr(running, "wake", lambda: None)
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.mark.parametrize("case", CASES)
def test_votes_are_taken_or_told_what_to_do(admin: Client, case: str) -> None:
    says = CASES[case][2]
    format = "arena-33k" if case == "lone surrogate" else "detect"
    asked = {"format": format, "file": sent(case, VOTES), "campaign": "elsewhere"}
    response = admin.post(IMPORT, asked, follow=True)
    errors = response.context["form"].errors
    if not errors:
        running.run_all(is_stopping=lambda: False)
        page = " ".join([*Job.objects.get().said])
        assert says in page
        assert ImportedVote.objects.exists() is (not says)
    else:
        assert says
        assert says in str(errors["file"])
        assert not Job.objects.exists()


@pytest.mark.parametrize("case", CASES)
def test_prompts_are_taken_or_told_what_to_do(
    admin: Client, contestants: list[Contestant], monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    monkeypatch.setattr("arena.campaigns.batches.advance_soon", lambda: None)
    campaign = Campaign.objects.create(slug="set", name="Set", kind=Campaign.Kind.PREPARED)
    asked = {"contestants": [contestants[0].pk], "file": sent(case, PROMPTS)}
    response = admin.post(f"/admin/arena/campaign/{campaign.pk}/prepare/", asked)
    says = CASES[case][3]
    if says:
        assert says in str(response.context["form"].errors["file"])
        assert not Prompt.objects.exists()
    else:
        assert response.status_code == 302
        assert Prompt.objects.get().text == "Why \u00e9?"


def test_no_field_for_uploads_is_forgotten() -> None:
    """A new one gets its rows above; that of weights takes no text (tests of the wizard)."""
    found = {
        form.__name__
        for form in forms_below(forms.Form)
        if any(isinstance(field, forms.FileField) for field in form.base_fields.values())
    }
    assert found == {"ImportForm", "PrepareForm", "UploadForm"}


def forms_below(form: type[forms.Form]) -> Iterator[type[forms.Form]]:
    for one in form.__subclasses__():
        if one.__module__.startswith(("arena.", "people.", "ratings.")):
            yield one
        yield from forms_below(one)
