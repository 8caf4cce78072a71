from __future__ import annotations

import re
from pathlib import Path

import pytest

from config import install

LOCKS = ("requirements", "requirements-site", "requirements-dev")
PIN = re.compile(r"^([\w-]+)(?:\[[\w,]+\])?==([\w.]+)", re.MULTILINE)


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a compiled llama.cpp."""
    monkeypatch.setattr(install, "is_installed", lambda version: False)
    monkeypatch.setattr(install, "is_cached", lambda version: False)


@pytest.mark.usefixtures("bare")
def test_missing_compiler_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(SystemExit) as end:
        install.build_llama()
    assert "there is no C++ compiler" in str(end.value)
    assert "apt-get install build-essential" in str(end.value)


@pytest.mark.usefixtures("bare")
def test_failed_compilation_quotes_the_compiler(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pip = tmp_path / "python"
    pip.write_text(
        "#!/bin/sh\necho '[1/2] Building'\necho 'x.cpp:1: error: no such luck'\n"
        "echo '[2/2] Building'\nexit 1\n"
    )
    pip.chmod(0o755)
    monkeypatch.setattr(install, "PYTHON", pip)
    with pytest.raises(SystemExit) as end:
        install.build_llama()
    assert "x.cpp:1: error: no such luck" in str(end.value)
    said = capsys.readouterr().out
    assert "3 to 8 minutes" in said
    assert "2/2 files" in said


@pytest.mark.parametrize(("flags", "spared"), [("avx2 amx_tile amx_int8", True), ("avx2", False)])
def test_amx_is_not_used_where_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, flags: str, spared: bool
) -> None:
    monkeypatch.setattr(install, "CPUINFO", tmp_path / "cpuinfo")
    install.CPUINFO.write_text(f"processor\t: 0\nflags\t\t: fpu {flags}\n")
    assert ("-mno-amx-tile" in install.build_settings()["CMAKE_ARGS"]) is spared


def test_nothing_is_compiled_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "is_installed", lambda version: False)
    monkeypatch.setattr(install, "is_cached", lambda version: True)
    monkeypatch.setattr(install, "compile_with_progress", lambda requirement: pytest.fail("again"))
    install.build_llama()


def test_old_python_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.version_info", (3, 9, 2))
    with pytest.raises(SystemExit, match=r"Python 3\.11 or newer is needed"):
        install.check_python()


def test_absent_chromium_is_named_with_its_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    install.install_chromium()
    assert "browser tests will fail until you run: sudo apt-get install -y chromium" in (
        capsys.readouterr().out
    )


def test_llama_is_compiled_from_the_source_of_the_lock_file() -> None:
    found = re.search(install.LLAMA, (install.ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert found
    asked = pinned(install.ROOT / "requirements-worker.txt")
    assert found[1] == asked["llama-cpp-python"]
    assert "--hash=sha256:" in found[0]


def pinned(file: Path) -> dict[str, str]:
    """The version of each package that a requirements file, or one it includes, or a lock names."""
    text = file.read_text()
    found = {name.lower().replace("_", "-"): version for name, version in PIN.findall(text)}
    for other in re.findall(r"^-r (\S+)", text, re.MULTILINE):
        found |= pinned(file.parent / other)
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_lock_file_holds_what_its_requirements_file_asks_for(name: str) -> None:
    asked, locked = (pinned(install.ROOT / f"{name}.{kind}") for kind in ("txt", "lock"))
    assert asked
    assert {package: locked.get(package) for package in asked} == asked, "Run: make lock"


@pytest.mark.parametrize("name", LOCKS)
def test_whatever_is_locked_has_a_hash(name: str) -> None:
    text = (install.ROOT / f"{name}.lock").read_text()
    entries = re.split(r"^(?=\w)", text, flags=re.MULTILINE)[1:]
    assert len(entries) > 40
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("name", LOCKS[1:])
def test_hosts_and_tests_run_the_same_versions(name: str) -> None:
    whole, part = (pinned(install.ROOT / f"{one}.lock") for one in ("requirements", name))
    assert {package: part[package] for package in whole.keys() & part.keys()} == {
        package: whole[package] for package in whole.keys() & part.keys()
    }
