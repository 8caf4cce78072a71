"""Anybody can compute a publication again from its file."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client

from arena.models import Campaign
from ratings import snapshots
from ratings.archive import ArchiveError, pack, sha256, unpack
from ratings.models import Snapshot
from ratings.reproduce import main, reproduce

from .conftest import board_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def published(votes: None) -> Snapshot:
    snapshot = board_of(snapshots.refresh_all())
    snapshot.refresh_from_db()
    return snapshot


def test_file_gives_the_same_numbers_to_the_last_digit(
    published: Snapshot, client: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "snapshot.zip"
    file.write_bytes(client.get(f"/leaderboard/snapshots/{published.public_id}.zip").content)
    assert main(file) == 0
    said = capsys.readouterr().out
    assert "Reproduced: every number is the same, to the six decimals published." in said
    assert sha256(file.read_bytes()) in said
    page = client.get(f"/leaderboard/snapshots/{published.public_id}/").content.decode()
    assert sha256(file.read_bytes()) in page


def test_file_is_kept_by_browsers_for_good(published: Snapshot, client: Client) -> None:
    address = f"/leaderboard/snapshots/{published.public_id}.zip"
    first = client.get(address)
    assert first["ETag"] == f'"{published.archive_sha256}"'
    assert "immutable" in first["Cache-Control"]
    again = client.get(address, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get(address, headers={"if-none-match": '"other"'})
    assert other.content == first.content


@pytest.mark.parametrize("slug", ["overall", "overall-davidson", "overall-rao-kupper"])
def test_real_arena_is_reproduced_by_another_process(
    august: Campaign, tmp_path: Path, slug: str
) -> None:
    stored = Snapshot.objects.get(board__campaign=august, board__slug=slug).archive
    file = tmp_path / "snapshot.zip"
    file.write_bytes(bytes(stored or b""))
    command = [sys.executable, "-m", "ratings", "reproduce", str(file)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "129 models" in done.stdout


def test_changed_number_is_found(published: Snapshot, tmp_path: Path) -> None:
    content = unpack(bytes(published.archive or b""))
    first = list(content.ratings[0])
    first[1] = first[1][:-1] + ("1" if first[1][-1] != "1" else "2")
    content = replace(content, ratings=[first, *content.ratings[1:]])
    file = tmp_path / "changed.zip"
    file.write_bytes(pack(content))
    assert reproduce(file).differences == [
        f"ada: score is {first[1]} in the file, but "
        f"{unpack(bytes(published.archive or b'')).ratings[0][1]} comes out"
    ]


def test_changed_vote_is_found(published: Snapshot, tmp_path: Path) -> None:
    content = unpack(bytes(published.archive or b""))
    row = list(content.tallies[0])
    row[2] += 1
    content = replace(content, tallies=[row, *content.tallies[1:]])
    file = tmp_path / "changed.zip"
    file.write_bytes(pack(content))
    assert main(file) == 1


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x05\x06" + b"\0" * 18])
def test_other_file_is_refused(data: bytes) -> None:
    with pytest.raises(ArchiveError, match="not a snapshot"):
        unpack(data)


def test_missing_file_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(tmp_path / "nowhere.zip") == 1
    assert "cannot be read" in capsys.readouterr().out


def test_file_is_the_same_bytes_for_the_same_content(published: Snapshot) -> None:
    data = bytes(published.archive or b"")
    assert pack(unpack(data)) == data
    names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    assert {"snapshot.json", "tallies.csv", "exclusions.csv", "ratings.csv"} <= set(names)
