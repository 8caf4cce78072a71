"""Anybody can recompute a publication from its file."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client

from arena.models import Campaign, Vote
from ratings.archive.reproduce import main, reproduce
from ratings.archive.snapshot_file import (
    READABLE,
    ArchiveError,
    pack,
    sha256,
    tampered,
    unpack,
    unpack_votes,
)
from ratings.models import Snapshot
from ratings.refreshing import drafts

from ..conftest import board_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def published(votes: None) -> Snapshot:
    snapshot = board_of(drafts.refresh_all())
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
    assert again["Cache-Control"] == first["Cache-Control"]
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
        f"{unpack(bytes(published.archive or b'')).ratings[0][1]} when recomputed"
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


DATA = Path(__file__).parents[1] / "data"
Files = dict[str, bytes]


@pytest.mark.parametrize("name", ["format_1_overall", "format_1_elo"])
def test_file_of_before_the_sums_is_still_reproduced(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(DATA / f"{name}.zip") == 0
    said = capsys.readouterr().out
    assert "Reproduced: every number is the same" in said
    assert "has no checksums of its parts" in said


FORMAT_3 = ("davidson", "overall")
FORMAT_2 = ("davidson", "elo", "fresh", "overall", "rao_kupper", "style")


def test_every_stored_file_is_reproduced_by_a_test() -> None:
    stored = {file.stem for file in DATA.glob("*.zip")}
    old = {"format_1_overall", "format_1_elo", *(f"format_2_{n}" for n in FORMAT_2)}
    assert stored == old | {f"format_3_{name}" for name in FORMAT_3}
    formats = {unpack((DATA / f"{name}.zip").read_bytes()).about["format"] for name in stored}
    assert formats == {*READABLE}


@pytest.mark.parametrize("name", FORMAT_2)
def test_file_of_before_the_wings_is_still_reproduced(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    data = (DATA / f"format_2_{name}.zip").read_bytes()
    assert main(DATA / f"format_2_{name}.zip") == 0
    assert "Reproduced: every number is the same" in capsys.readouterr().out
    assert unpack_votes(data) is not None
    assert tampered(data) == []


@pytest.mark.parametrize("name", FORMAT_3)
def test_file_with_sums_over_voters_is_still_reproduced(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(DATA / f"format_3_{name}.zip") == 0
    assert "votes of each of 25 voters together" in capsys.readouterr().out


def test_file_without_the_sums_over_its_voters_cannot_be_rated(tmp_path: Path) -> None:
    files = files_of((DATA / "format_3_overall.zip").read_bytes())
    del files["voters.csv"]
    with pytest.raises(ArchiveError, match="what the votes of each voter have in common"):
        reproduce(written(files, tmp_path))


def test_file_of_before_the_sums_without_its_votes_is_not_reproduced(tmp_path: Path) -> None:
    files = files_of((DATA / "format_1_overall.zip").read_bytes())
    del files["votes.csv"]
    assert "votes.csv is missing" in reproduce(written(files, tmp_path)).differences


def files_of(data: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def written(files: Files, folder: Path) -> Path:
    path = folder / "snapshot.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def with_settings(**changed: object) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        about = json.loads(files["snapshot.json"])
        about["settings"] |= changed
        files["snapshot.json"] = json.dumps(about, indent=1).encode()

    return change


def with_about(**changed: object) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        about = json.loads(files["snapshot.json"]) | changed
        files["snapshot.json"] = json.dumps(about, indent=1).encode()

    return change


def with_text(name: str, pattern: str, other: str) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        text, made = re.subn(pattern, other, files[name].decode(), count=1)
        assert made == 1
        files[name] = text.encode()

    return change


def without(name: str) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        del files[name]

    return change


def with_more(files: Files) -> None:
    files["notes.txt"] = b"more"


SNAPSHOT_JSON = "snapshot.json (slice, method, settings, seed, draws, months) was changed"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (with_settings(seed=7), SNAPSHOT_JSON),
        (with_settings(draws=400), SNAPSHOT_JSON),
        (with_about(slice="coding"), SNAPSHOT_JSON),
        (with_about(months=["2026-01", "2026-03"]), SNAPSHOT_JSON),
        (with_about(input_sha256="0" * 64), SNAPSHOT_JSON),
        (with_text("models.csv", "Ada Works", "Bea Works"), "models.csv was changed"),
        (
            with_text("votes.csv", r"\d{4}-\d\d-\d\d", "2020-02-02"),
            "votes.csv (votes and their days) was changed",
        ),
        (without("votes.csv"), "votes.csv is missing"),
        (without("README.txt"), "README.txt is missing"),
        (without("SHA256SUMS"), "SHA256SUMS is missing"),
        (with_more, "notes.txt was added"),
    ],
)
def test_whatever_else_was_changed_is_named(
    change: Callable[[Files], None],
    said: str,
    cast: list[Vote],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    snapshot = board_of(drafts.refresh_all())
    snapshot.refresh_from_db()
    files = files_of(bytes(snapshot.archive or b""))
    assert main(written(files, tmp_path)) == 0
    change(files)
    assert main(written(files, tmp_path)) == 1
    printed = capsys.readouterr().out
    assert "Not reproduced." in printed
    assert said in printed.splitlines()
