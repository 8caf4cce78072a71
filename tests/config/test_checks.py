"""System checks of our own: one line each, which says what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core import checks
from django.db import connection
from pytest_django import Settings

from config.checks import TAG

PROXY: dict[str, object] = {"HTTPS": True, "TRUSTED_PROXIES": 1}
OIDC: dict[str, object] = {
    "OIDC_ISSUER": "https://id.example",
    "OIDC_CLIENT_ID": "arena",
    "OIDC_CLIENT_SECRET": "secret",
}
ROOT = Path(__file__).resolve().parents[2]


def said(deploy: bool = False, databases: list[str] | None = None) -> dict[str, str]:
    """By their number, such as E001."""
    found = checks.run_checks(
        tags=[TAG], include_deployment_checks=deploy, databases=databases or []
    )
    assert all("\n" not in one.msg and one.hint is None for one in found)
    return {str(one.id).removeprefix("evenhand."): one.msg for one in found}


def run(*command: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT, env=os.environ | env, capture_output=True, text=True,
    )  # fmt: skip


@pytest.mark.usefixtures("db")  # Django's own checks of models ask which version it is
def test_deployment_with_https_is_clean() -> None:
    done = run(
        "check", "--deploy", "--fail-level", "WARNING",
        HTTPS="1", TRUSTED_PROXIES="1", ALLOWED_HOSTS="arena.example", SITE_URL="https://arena.example",
        CSRF_TRUSTED_ORIGINS="https://arena.example",
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "no issues" in done.stdout


def test_deployment_as_installed_says_what_is_left_to_do() -> None:
    done = run("check", "--deploy", HTTPS="", ALLOWED_HOSTS="localhost")
    lines = [line for line in done.stderr.splitlines() if line.startswith("?: ")]
    assert [line.split(")")[0] for line in lines] == ["?: (evenhand.W011", "?: (evenhand.W013"]


def test_folder_that_cannot_be_written_ends_prepare_with_a_sentence(tmp_path: Path) -> None:
    var = tmp_path / "var"
    var.write_text("a file")
    done = run("prepare", ARENA_VAR=str(var), SECRET_KEY="k" * 60)
    assert done.returncode == 1
    assert f"{var} is not writable, but all data is stored there." in done.stderr


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ("gpu1.internal, 10.1.2.3:8080 [fd00::1]:8000 GPU_2", ""),
        ("http://10.1.2.3:8080", "http://10.1.2.3:8080"),
        ("gpu1/v1", "gpu1/v1"),
        ("*.internal", "*.internal"),
        ("gpu1:99999", "gpu1:99999"),
        ("fd00::1", "fd00::1"),
        ("[fd00:]", "[fd00:]"),
    ],
)
def test_host_of_workers_that_is_none_is_told(
    given: str, names: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FETCH_HOSTS", given)
    sentence = f"FETCH_HOSTS names {names!r}, which is no host and allows nothing."
    assert ("E017" in said()) == bool(names)
    assert not names or sentence in said()["E017"]


@pytest.mark.parametrize(
    ("given", "said_then"),
    [
        ({"SITE_URL": "arena.example"}, {"E003": "no path, and https:// or http:// in front."}),
        ({"SITE_URL": "https://arena.example/de"}, {"E003": "must be an origin"}),
        (PROXY | {"SITE_URL": "http://arena.example"}, {"W004": "Set SITE_URL to https"}),
        (PROXY | {"SITE_URL": "https://arena.example"}, {}),
        ({"HTTPS": True}, {"W009": "Set TRUSTED_PROXIES=1 if that proxy appends"}),
        ({"SECOND_FACTOR_ROLES": ["Owners"]}, {"E005": "names 'Owners', which is no role"}),
        ({"SECOND_FACTOR_ROLES": ["Owner", "Model admin"]}, {}),
        ({"SECOND_FACTOR_ROLES": ["all"]}, {}),
        ({"OIDC_ISSUER": "https://id.example"}, {"E006": "OIDC_CLIENT_ID and OIDC_CLIENT_SECRET"}),
        (OIDC, {}),
        (OIDC | {"OIDC_ISSUER": "http://id.example"}, {"E007": "must start with https://"}),
        (OIDC | {"OIDC_ROLES": {"a": "Owners"}}, {"E008": "names 'Owners', which is no role"}),
    ],
    ids=str,
)
def test_settings_are_checked(
    given: dict[str, object], said_then: dict[str, str], settings: Settings
) -> None:
    for name, value in given.items():
        setattr(settings, name, value)
    found = said()
    assert found.keys() == said_then.keys()
    assert all(words in found[number] for number, words in said_then.items())


def test_secret_key_that_others_can_read_is_told(settings: Settings, tmp_path: Path) -> None:
    settings.VAR = tmp_path
    key = tmp_path / "secret_key"
    key.write_text("k")
    key.chmod(0o644)
    assert said() == {
        "W002": f"Other users of this machine can read the secret key: chmod 600 {key}"
    }
    key.chmod(0o600)
    assert said() == {}


@pytest.mark.parametrize(
    ("hosts", "origins", "numbers"),
    [
        (["*"], [], {"W010"}),
        (["localhost"], [], {"W011"}),
        (["arena.example"], ["https://arena.exampel"], {"W012"}),
        (["arena.example"], ["https://arena.example:8443"], set()),
        ([".arena.example"], ["https://*.arena.example"], set()),
        (["arena.example"], ["https://other-arena.example"], {"W012"}),
    ],
)
def test_hosts_are_checked(
    hosts: list[str], origins: list[str], numbers: set[str], settings: Settings
) -> None:
    settings.HTTPS, settings.TRUSTED_PROXIES = True, 1
    settings.ALLOWED_HOSTS, settings.CSRF_TRUSTED_ORIGINS = hosts, origins
    assert said(deploy=True).keys() == numbers


def test_valkey_that_does_not_answer_is_told(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    found = said(deploy=True)
    assert found["E014"].startswith("Valkey does not answer (")
    assert found["E014"].endswith("Start it, or mend REDIS_URL.")


@pytest.mark.parametrize(
    ("info", "numbers"),
    [
        ({"redis_version": "6.0.16", "maxmemory_policy": "noeviction"}, {"E015"}),
        ({"redis_version": "7.2.4", "maxmemory_policy": "allkeys-lru"}, {"E016"}),
        ({"redis_version": "6.2.0"}, set()),
    ],
)
def test_valkey_that_does_not_suit_is_told(
    info: dict[str, str], numbers: set[str], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("redis.Redis.info", lambda self: info)
    settings.HTTPS, settings.TRUSTED_PROXIES = True, 1
    settings.ALLOWED_HOSTS = ["arena.example"]
    assert said(deploy=True).keys() == numbers


@pytest.mark.django_db
def test_arena_without_an_owner_is_told() -> None:
    found = said(deploy=True, databases=["default"])
    assert found["W022"].endswith("python manage.py createsuperuser")
    User.objects.create_superuser("boss")
    assert "W022" not in said(deploy=True, databases=["default"])


@pytest.mark.django_db
def test_role_that_could_change_the_audit_log_is_told() -> None:
    assert "W023" in said(deploy=True, databases=["default"])  # the tests' role owns all tables
    grants = "SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public"
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE arena_without_rights")
        cursor.execute(f"GRANT {grants} TO arena_without_rights")
        cursor.execute("REVOKE UPDATE, DELETE ON people_auditevent FROM arena_without_rights")
        cursor.execute("SET ROLE arena_without_rights")
        try:
            assert "W023" not in said(deploy=True, databases=["default"])
        finally:
            cursor.execute("RESET ROLE")


def test_checks_that_need_a_server_run_only_when_asked(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert said() == {}  # and no database, which this test may not open


@pytest.mark.parametrize("command", ["check --deploy --database default", "check_tallies"])
def test_commands_tell_in_a_sentence_of_a_database_that_does_not_answer(command: str) -> None:
    away = "postgresql://arena:of-the-database@127.0.0.1:1/arena"
    done = run(*command.split(), DATABASE_URL=away)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("✗ The database does not answer: ")
    assert "Traceback" not in done.stderr
    assert "of-the-database" not in done.stdout + done.stderr
