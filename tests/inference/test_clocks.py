"""A model worker on a host whose clock is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Celery

from inference.contract import results
from inference.contract.broker import connect
from tests.absent import OwnValkey, own_valkey

from .worker.test_absent_broker import ROOT, ask, until

# Python imports this file first, so that the whole process has a wrong clock.
WRONG = """
import time
_real = time.time
time.time = lambda: _real() + {seconds}
"""


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[OwnValkey]:
    with own_valkey(tmp_path) as running:
        yield running


@pytest.fixture(params=[-130, 130])
def worker(
    request: pytest.FixtureRequest, valkey: OwnValkey, weights: Path, tmp_path: Path
) -> Iterator[None]:
    (tmp_path / "sitecustomize.py").write_text(WRONG.format(seconds=request.param))
    environment = {
        **os.environ, "REDIS_URL": valkey.url, "ARENA_ROLE": "inference",
        "PYTHONPATH": str(tmp_path),
    }  # fmt: skip
    command = [sys.executable, str(ROOT / "manage.py"), "inference_worker", "--models"]
    process = subprocess.Popen([*command, weights.stem], env=environment)
    yield
    process.terminate()
    process.wait(30)


@pytest.mark.usefixtures("worker")
def test_answer_is_whole_though_the_clocks_are_far_apart(valkey: OwnValkey, weights: Path) -> None:
    connection = connect(valkey.url)
    queue = Celery(broker=valkey.url.replace("unix://", "redis+socket://"), set_as_current=False)
    try:
        ask(queue, connection, weights.stem, max_tokens=20)
        until(lambda: connection.xlen(results.STREAM), 170)
    finally:
        queue.close()
    written: Any = connection.xrange(results.STREAM)
    [(_, fields)] = written
    said: dict[str, Any] = json.loads(fields[b"said"])
    assert said["finish_reason"] in ("stop", "length")
    assert said["completion_tokens"] > 5
    assert 0 <= said["queued_s"] < 60
