"""Programs of Debian that tests run: installed, or unpacked by `config/install.py`."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

UNPACKED = Path(__file__).resolve().parents[1] / ".venv" / "debian"


def program(name: str, package: str = "") -> str:
    folders = os.pathsep.join([os.environ["PATH"], *map(str, UNPACKED.glob("usr/*bin"))])
    found = shutil.which(name, path=folders)
    if found is None:
        pytest.fail(f"There is no {name} here. On Debian: apt-get install {package or name}")
    return found
