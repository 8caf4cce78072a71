"""The real Chatbot Arena of August 2024, downloaded on the first run on a machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from arena.importing import demo
from arena.importing.errors import ImportRefused
from arena.models import Campaign, Contestant, Tally
from tests.ratings.core.real_votes import august_2024

pytestmark = pytest.mark.django_db


@pytest.fixture
def downloaded(monkeypatch: pytest.MonkeyPatch) -> Path:
    path = august_2024()
    monkeypatch.setattr(demo, "august_2024", lambda: path)
    return path


@pytest.mark.usefixtures("downloaded")
def test_demo_is_the_whole_arena_and_is_added_once(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("demo_data")
    said = capsys.readouterr().out
    assert "Imported 1,670,250 votes on 129 models into arena-2024-08." in said
    assert "github.com/dustalov/llmfao" in said
    assert Tally.objects.filter(campaign__slug="arena-2024-08").count() == 3_460
    call_command("demo_data")
    assert "Nothing has changed." in capsys.readouterr().out


@pytest.mark.usefixtures("downloaded")
def test_demo_tells_open_from_closed() -> None:
    demo.add()
    assert Campaign.objects.get().kind == Campaign.Kind.IMPORTED
    access = dict(Contestant.objects.values_list("name", "access"))
    assert access["gpt-4-0314"] == Contestant.Access.PROPRIETARY
    assert access["mixtral-8x7b-instruct-v0.1"] != Contestant.Access.PROPRIETARY
    assert {contestant.state for contestant in Contestant.objects.all()} == {"HIDDEN"}


def test_failed_download_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "PACKAGE", "no-such-package-of-this-name==0.0.0")
    monkeypatch.setattr(settings, "VAR", tmp_path)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(ImportRefused, match="could not be downloaded"):
        demo.august_2024()
    with pytest.raises(CommandError, match="Check the network"):
        call_command("demo_data")
    assert not Campaign.objects.exists()
    assert list((tmp_path / "votes").iterdir()) == []
