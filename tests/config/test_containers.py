"""Images, the compose file and the Helm chart, each read by the programs they are for."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import helm_python
import kubernetes_validate
import pytest
import yaml
from django.core.management import call_command

from config import broker_users
from people import vault
from tests.live.site import ROOT

DEPLOY = ROOT / "deploy"
BIN = Path(sys.executable).parent
# Everything that values.yaml can switch.
CHOICES: list[dict[str, Any]] = [
    {},
    {
        "settings": {"SITE_NAME": "Mine", "LOG_LEVEL": "INFO"},
        "web": {"most": 2},
        "files": {"class": "shared"},
        "pullSecrets": [{"name": "registry"}],
        "ingress": {"enabled": False},
        "workers": {
            "default": {
                "most": 5,
                "services": {"service": "SmolLM2"},
                "class": "fast",
                "node": {"gpu": "true"},
                "environment": {"OPENAI_API_KEY": {"value": "x"}},
            },
            "more": {"replicas": 2, "most": 2, "waiting": 1, "arguments": [], "weights": "9Gi"},
        },
    },
]


def test_image_is_as_hadolint_wants_it() -> None:
    done = subprocess.run([BIN / "hadolint", DEPLOY / "Dockerfile"], capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_image_has_all_that_runs_and_nothing_else() -> None:
    kept = set(re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    packages = {file.parent.name for file in ROOT.glob("*/__init__.py")}
    assert packages - kept == {"benchmarks", "tests", "translating"}
    for name in kept - {"requirements*.lock"}:
        assert (ROOT / name).exists(), name
    wanted = re.findall(r"^COPY (\S+\.lock)", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    assert all((ROOT / name).is_file() for name in wanted)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of deploy/ with new settings."""
    shutil.copytree(DEPLOY, tmp_path / "deploy", ignore=shutil.ignore_patterns(".env"))
    assert new_settings(tmp_path / "deploy", "arena.example").returncode == 0
    return tmp_path / "deploy"


def new_settings(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-S", str(folder / "new_settings.py"), *words]
    return subprocess.run(command, capture_output=True, text=True)


def composed(folder: Path, *files: str) -> dict[str, Any]:
    command: list[str | Path] = [BIN / "docker-compose"]
    for file in ("compose.yaml", *files):
        command += ["-f", folder / file]
    command += ["config", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    services: dict[str, Any] = json.loads(done.stdout)["services"]
    return services


def test_settings_are_made_once_for_a_real_name(folder: Path) -> None:
    assert (folder / ".env").stat().st_mode & 0o777 == 0o600
    before = (folder / ".env").read_text()
    again = new_settings(folder, "arena.example")
    assert (again.returncode, (folder / ".env").read_text()) == (1, before)
    assert "is there already" in again.stderr
    for name in ("", "https://arena.example", "arena example", "-a.example", "a\nb"):
        assert "Name the host" in new_settings(folder, name).stderr
    made = dict(line.split("=", 1) for line in before.splitlines())
    assert vault.checked([made["SECRETS_KEY"]])
    assert len(set(made.values())) == len(made)


def test_compose_file_runs_every_process_with_its_settings(folder: Path) -> None:
    services = composed(folder)
    commands = {name: " ".join(each["command"] or ["-"]) for name, each in services.items()}
    assert commands["core"] == "python manage.py process core"
    assert commands["background"] == "python manage.py process background"
    assert commands["prepare"] == "python manage.py prepare"
    documented = (ROOT / "docs" / "operating.md").read_text()
    for name in ("prepare", "web", "core", "background", "worker", "users"):
        service = services[name]
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        for variable in service["environment"]:
            assert f"`{variable}`" in documented, variable
    assert "DATABASE_URL" not in services["worker"]["environment"]
    assert "SECRET_KEY" not in services["worker"]["environment"]


def test_compose_file_for_gpus_changes_the_worker_only(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GPU_GB", "23")
    plain, services = composed(folder), composed(folder, "compose.gpu.yaml")
    worker = services.pop("worker")
    assert services == {name: each for name, each in plain.items() if name != "worker"}
    assert worker["command"] == [*plain["worker"]["command"], "--ram-gb", "23"]
    [device] = worker["deploy"]["resources"]["reservations"]["devices"]
    assert (device["driver"], device["capabilities"]) == ("nvidia", ["gpu"])
    declared = re.findall(r"^ARG (\w+)", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    assert worker["build"]["args"].keys() <= {*declared}


def test_compose_file_gives_each_its_own_user_of_valkey(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    services = composed(folder)
    for name, value in services["users"]["environment"].items():
        monkeypatch.setenv(name, value)
    call_command("broker_acl")
    printed, said = capsys.readouterr()
    assert said == ""  # no password in the log
    users = services["users"]
    assert users["environment"]["ARENA_VAR"] in users["tmpfs"]  # nothing else can be written
    for service, user in (("web", "site"), ("worker", "worker")):
        url = services[service]["environment"]["REDIS_URL"]
        password = re.fullmatch(rf"redis://{user}:(.+)@valkey:6379/0", url)
        assert password is not None
        line = next(x for x in printed.splitlines() if x.startswith(f"user {user} "))
        assert (
            line
            == broker_users.file(broker_users.usual(), lambda _: password[1]).splitlines()[  # noqa: B023
                1 + list(broker_users.usual()).index(user)
            ]
        )


def test_compose_file_says_what_is_missing(folder: Path) -> None:
    (folder / ".env").unlink()
    command: list[str | Path] = [BIN / "docker-compose", "-f", folder / "compose.yaml", "config"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode != 0
    assert "is missing a value" in done.stderr


def rendered(choice: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for text in chart().render(choice, name="arena").values():
        yield from filter(None, yaml.safe_load_all(text))


@cache
def chart() -> helm_python.Chart:
    return helm_python.Chart.load(DEPLOY / "helm")


@pytest.mark.parametrize("choice", CHOICES)
def test_chart_is_valid_for_helm_and_kubernetes(choice: dict[str, Any]) -> None:
    found = helm_python.lint(DEPLOY / "helm", choice, strict=True)
    assert [each for each in found["messages"] if each["severity"] > 1] == []
    for document in rendered(choice):
        kubernetes_validate.validate(document, kubernetes_validate.latest_version(), strict=True)


@pytest.mark.parametrize("choice", CHOICES)
def test_pods_of_the_chart_have_probes_and_few_rights(choice: dict[str, Any]) -> None:
    documented = (ROOT / "docs" / "operating.md").read_text()
    kinds = [document["kind"] for document in rendered(choice)]
    pods = [x for x in rendered(choice) if x["kind"] in ("Deployment", "StatefulSet", "Job")]
    assert kinds.count("PodDisruptionBudget") == len(pods) - 1  # `prepare` needs none
    for pod in pods:
        spec = pod["spec"]["template"]["spec"]
        [container] = spec["containers"]
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        for variable in container["env"]:
            assert f"`{variable['name']}`" in documented or variable["name"].endswith("_API_KEY")
        if pod["kind"] != "Job":
            assert {"startupProbe", "livenessProbe"} <= container.keys()


def test_chart_grows_what_may_grow() -> None:
    scaled = [x["metadata"]["name"] for x in rendered({}) if x["kind"].startswith("Horizontal")]
    assert scaled == ["arena-web"]
    scaled = [
        x["metadata"]["name"] for x in rendered(CHOICES[1]) if x["kind"].startswith("Horizontal")
    ]
    assert scaled == ["arena-worker-default"]
