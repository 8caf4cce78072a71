"""Secrets that are handed over in files."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import secret_files
from tests.live.site import ROOT

PRINTED = """
import django, config
from django.conf import settings
django.setup()
print(settings.SECRET_KEY, settings.DATABASES["default"]["PASSWORD"], settings.REDIS_URL)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A secret with the newline that editors and `echo` leave."""
    path = tmp_path / "secret"
    path.write_text("of-the-site\n")
    return path


def test_what_a_file_holds_stands_for_its_name(file: Path) -> None:
    environment = {
        "SECRET_KEY_FILE": str(file), "OPENAI_API_KEY_FILE": str(file), "HEARTBEAT_FILE": "/beat",
        "SECRETS_KEY": "", "SECRETS_KEY_FILE": str(file),
    }  # fmt: skip
    secret_files.read(environment)
    assert environment == {
        "SECRET_KEY": "of-the-site", "OPENAI_API_KEY": "of-the-site", "HEARTBEAT_FILE": "/beat",
        "SECRETS_KEY": "of-the-site",
    }  # fmt: skip
    secret_files.read(environment)  # as a child process does
    assert environment["SECRET_KEY"] == "of-the-site"


def test_secret_given_twice_is_refused(file: Path) -> None:
    environment = {"SECRET_KEY": "another", "SECRET_KEY_FILE": str(file)}
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY and SECRET_KEY_FILE are both set"):
        secret_files.read(environment)


@pytest.mark.parametrize(
    ("content", "why"), [(None, "No such file or directory"), (b"\xff\xfe", "it is no text")]
)
def test_file_that_cannot_be_read_is_a_sentence(
    content: bytes | None, why: str, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    environment = {**os.environ, "SECRET_KEY_FILE": str(file)}
    environment.pop("SECRET_KEY", None)
    command = [sys.executable, "manage.py", "check"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == f"✗ SECRET_KEY_FILE names {file}, which can't be read: {why}.\n"


def test_process_gets_its_secrets_from_files(tmp_path: Path) -> None:
    environment = {**os.environ, "WORKER_SECRET": "w" * 40}
    for name, value in {
        "SECRET_KEY": "a-key-in-a-file",
        "DATABASE_URL": "postgresql://arena:of-the-database@db.example/arena",
        "REDIS_URL": "redis://site:of-the-queue@queue.example:6379/0",
    }.items():
        environment.pop(name, None)
        environment[f"{name}_FILE"] = str(tmp_path / name)
        (tmp_path / name).write_text(value)
    command = [sys.executable, "-c", PRINTED]
    environment["DJANGO_SETTINGS_MODULE"] = "config.settings"
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    printed = "a-key-in-a-file of-the-database redis://site:of-the-queue@queue.example:6379/0"
    assert (done.stdout.strip(), done.stderr) == (printed, "")


def test_names_are_documented_settings() -> None:
    documented = (ROOT / "docs" / "operating.md").read_text()
    said = re.search(r"A secret may stand in a file.*?\n\n", documented, re.DOTALL)
    assert said is not None
    assert set(re.findall(r"`(\w+)`", said[0])) == {
        *secret_files.SECRETS, f"SECRET_KEY{secret_files.SUFFIX}", secret_files.API_KEY,
    }  # fmt: skip
