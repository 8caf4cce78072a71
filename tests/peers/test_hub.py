"""The hub that our tests serve is one: its own client, huggingface_hub, reads it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.hub import COMMIT, OTHER_TOKEN, TOKEN, HubServer, Repo, hub_server

from .child import PYTHON, ROOT

SCRIPT = Path(__file__).with_name("use_hub.py")
NAME, FILE = "maker/Tiny-GGUF", "Tiny-1B.Q4_K_M.gguf"
CONTENT = b"GGUF" + bytes(100_000)


@pytest.fixture
def hub() -> Iterator[HubServer]:
    with hub_server() as server:
        server.repos[NAME] = Repo({FILE: CONTENT, "README.md": b"#"}, {"license": "apache-2.0"})
        yield server


def said(hub: HubServer, folder: Path, token: str = "", name: str = NAME) -> dict[str, Any]:
    if not PYTHON.exists():
        pytest.fail(f"{PYTHON.relative_to(ROOT)} is missing: run 'make install-peers' (0.9 GB).")
    settings = {
        "HF_ENDPOINT": hub.url,
        "HF_TOKEN": token,
        "HF_HOME": str(folder / "home"),
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_XET": "1",
    }
    command = [str(PYTHON), str(SCRIPT), name, FILE, str(folder)]
    done = subprocess.run(
        command, env={**os.environ, **settings}, capture_output=True, text=True, timeout=100
    )
    if done.returncode:
        pytest.fail(f"huggingface_hub could not use our hub:\n{done.stderr}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_client_of_the_hub_lists_and_downloads(hub: HubServer, tmp_path: Path) -> None:
    digest = sha256(CONTENT).hexdigest()
    assert said(hub, tmp_path) == {
        "revision": COMMIT,
        "licence": "apache-2.0",
        "gated": False,
        "bytes": len(CONTENT),
        "sha256": digest,
        "received": digest,
    }


@pytest.mark.parametrize(
    ("gated", "name", "token", "error"),
    [
        (True, NAME, "", {"error": "GatedRepoError", "status": 401}),
        (True, NAME, OTHER_TOKEN, {"error": "GatedRepoError", "status": 403}),
        (True, NAME, TOKEN, {}),
        # Without a code it only takes a 401 for a missing repository if the hub speaks https.
        (False, "maker/None", "", {"error": "HfHubHTTPError", "status": 401}),
        (False, "maker/None", TOKEN, {"error": "RepositoryNotFoundError", "status": 404}),
    ],
)
def test_client_of_the_hub_understands_its_refusals(
    hub: HubServer, tmp_path: Path, gated: bool, name: str, token: str, error: dict[str, Any]
) -> None:
    hub.repos[NAME].gated = gated
    answer = said(hub, tmp_path, token, name)
    assert {key: value for key, value in answer.items() if key in ("error", "status")} == error
