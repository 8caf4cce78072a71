"""The files of deploy/ agree with the code; tests/live/test_proxies.py runs some of them."""

from __future__ import annotations

import os
import re
from configparser import ConfigParser
from pathlib import Path

import pytest
from django.core.management import call_command

from config.supervisor import Supervisor
from tests.live.site import ROOT

DEPLOY = ROOT / "deploy"
UNIT = DEPLOY / "systemd" / "evenhand@.service"


@pytest.mark.parametrize("role", ["web", "core", "background"])
def test_process_starts_what_make_up_starts(
    role: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _, command: started.append(command))
    call_command("process", role)
    usual = Supervisor(tmp_path, "127.0.0.1", 8000)._processes()
    assert started == [process.command for process in usual if process.name == role]


def test_unit_starts_a_role_and_leaves_few_rights() -> None:
    unit = ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(UNIT)
    service = unit["Service"]
    assert service["ExecStart"] == "/opt/evenhand/.venv/bin/python manage.py process %i"
    assert service["ProtectSystem"] == "strict"
    assert service["NoNewPrivileges"] == "yes"
    assert service["CapabilityBoundingSet"] == ""
    assert "evenhand.target" in unit["Unit"]["PartOf"]


def test_settings_of_the_example_are_documented() -> None:
    names = re.findall(r"^([A-Z_]+)=", (DEPLOY / "evenhand.env").read_text(), re.MULTILINE)
    documented = (ROOT / "docs" / "operating.md").read_text()
    assert len(names) > 8
    assert [name for name in names if f"`{name}`" not in documented] == []
