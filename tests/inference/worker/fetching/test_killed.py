"""A model worker that is killed during a download: the next one with its folder goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import redis
from django.conf import settings

from inference.contract import fetching
from inference.contract.fetching import State
from inference.worker.fetching.desk import Desk
from tests.hub import HubServer
from tests.live.site import ROOT

from .conftest import CONTENT, NAME, ended, is_running, of_url, reached

DESK = """
import sys
from pathlib import Path
import redis
from inference.worker.fetching.desk import Desk
Desk(redis.Redis.from_url(sys.argv[1]), Path(sys.argv[2]), "killed").run()
"""


def test_killed_worker_is_followed_by_another_that_goes_on_where_it_was(
    hub: HubServer, connection: redis.Redis, desk: Callable[[], Desk], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("FETCH_HOSTS", "127.0.0.1")
    hub.cdn.blobs["model"] = CONTENT
    hub.cdn.bytes_per_s = 300_000
    order = of_url(f"{hub.cdn.url}/repos/model")
    fetching.place(connection, order)
    command = [sys.executable, "-c", DESK, settings.REDIS_URL, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT) as child:
        reached(connection, order, is_running)
        os.kill(child.pid, signal.SIGKILL)
    hub.cdn.bytes_per_s = 0
    assert reached(connection, order, lambda fetch: fetch.is_cut_off).state is State.RUNNING
    desk()
    assert ended(connection, order).state is State.DONE
    first, *later = hub.cdn.ranges
    assert first == ""
    assert all(int(asked[6:-1]) > 0 for asked in later)
    assert len(later) == 1
    assert (tmp_path / f"{NAME}.gguf").read_bytes() == CONTENT
