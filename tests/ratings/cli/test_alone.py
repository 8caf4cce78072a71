"""The wheel: numerics, charts and command line in an environment that has no Django."""

import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy

from ratings import VERSION
from tests.ratings.cli.crowd import CROWD

ROOT = Path(__file__).parents[3]
UV = Path(sys.executable).parent / "uv"
EVERY_MODULE = """
import importlib, pkgutil, evenhand, ratings
for package in (evenhand, ratings):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if module.name != "ratings.__main__":
            importlib.import_module(module.name)
            print(module.name)
"""
FRAME = """
from ratings.core import Tallies, bradley_terry
bradley_terry(Tallies.from_counts([[0, 1]], [[2, 1, 0, 0]], 2)).to_frame()
"""


def run(*command: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*map(str, command)], cwd=cwd, capture_output=True, text=True)


def built(folder: Path) -> Path:
    """A wheel, made with what is installed here: it takes no network."""
    here = ("--python", sys.executable, "--no-build-isolation", "--offline")
    done = run(UV, "build", "--wheel", *here, "--out-dir", folder, ROOT)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh environment with the wheel, numpy and scipy."""
    place = tmp_path_factory.mktemp("alone") / "env"
    assert run(UV, "venv", "--offline", "--python", sys.executable, place).returncode == 0
    alone = ("--offline", "--no-deps", "--python", place / "bin" / "python")
    done = run(UV, "pip", "install", *alone, wheel)
    assert done.returncode == 0, done.stderr
    (packages,) = place.glob("lib/*/site-packages")
    for library in (np, scipy):
        folder = Path(str(library.__file__)).parent
        for each in (folder, folder.with_name(f"{folder.name}.libs")):
            if each.exists():
                (packages / each.name).symlink_to(each)
    return place / "bin"


def test_wheel_rates_by_its_own_command(board: Any, programs: Path, tmp_path: Path) -> None:
    command, plot = programs / "evenhand-ratings", tmp_path / "board.svg"
    done = run(command, "rate", CROWD, "--format", "json", "--plot", plot, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == board(CROWD)
    assert plot.read_text().startswith("<svg")
    said = run(command, "--help", cwd=tmp_path).stdout
    assert said.startswith("usage: evenhand-ratings ")
    assert run(programs / "python", "-m", "ratings", "rate", CROWD, cwd=tmp_path).returncode == 0


def test_wheel_needs_neither_django_nor_pandas(programs: Path, tmp_path: Path) -> None:
    python = programs / "python"
    assert "No module named 'django'" in run(python, "-c", "import django", cwd=tmp_path).stderr
    done = run(python, "-c", EVERY_MODULE, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert {"evenhand.machine", "ratings.core.methods.style"} <= {*done.stdout.split()}
    done = run(python, "-c", FRAME, cwd=tmp_path)
    assert done.stderr.endswith("pip install 'evenhand-ratings[pandas]'.\n")


def test_wheel_has_all_of_its_parts_and_no_others(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as file:
        names = {name for name in file.namelist() if ".dist-info/" not in name}
        metadata = file.read(f"evenhand_ratings-{VERSION}.dist-info/METADATA").decode()
    whole = ("evenhand", "ratings/core", "ratings/charts", "ratings/cli")
    parts = {
        str(file.relative_to(ROOT)) for folder in whole for file in (ROOT / folder).rglob("*.py")
    }
    assert parts <= names
    others = {name for name in names - parts if not name.startswith("ratings/archive/")}
    assert others == {"ratings/__init__.py", "ratings/__main__.py", "ratings/facts.py"}
    assert "License-Expression: Apache-2.0" in metadata
    assert "Requires-Dist: pandas" in metadata


def test_wheel_is_the_same_whenever_it_is_built(wheel: Path, tmp_path: Path) -> None:
    again = built(tmp_path)
    digests = {hashlib.sha256(each.read_bytes()).hexdigest() for each in (wheel, again)}
    assert (again.name, len(digests)) == (wheel.name, 1)
