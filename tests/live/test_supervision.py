"""Processes that hang, are missing, or are left behind, and what health and status report."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter

import httpx
import pytest
import redis

from arena.pages.health import ABSENT

from .site import Site, until
from .volunteer import Volunteer


def health(site: Site) -> httpx.Response:
    return httpx.get(f"{site.url}/healthz", timeout=20)


def is_well(site: Site) -> bool:
    try:
        return health(site).status_code == 200
    except httpx.HTTPError:
        return False


def test_arena_that_runs_is_well(site: Site, volunteer: Volunteer) -> None:
    until(lambda: is_well(site), "a healthy arena")
    assert volunteer.get("/livez").text == volunteer.get("/readyz").text == "ok\n"
    assert "Everything is running." in volunteer.get("/status/").text


def test_frozen_web_process_is_restarted(site: Site) -> None:
    said = len(site.lines)
    web = site.child("uvicorn")
    os.kill(web, signal.SIGSTOP)
    site.wait_for_line("! web hangs: no sign of life for 17 s", said)
    site.wait_for_line("✓ web", said)
    until(lambda: is_well(site), "the new web process")
    assert site.child("uvicorn") != web


@pytest.mark.parametrize("kind", ["core", "background"])
def test_frozen_worker_is_seen_while_it_is_frozen(kind: str, site: Site) -> None:
    until(lambda: is_well(site), "a healthy arena")
    worker = site.child(f"-Q\0{kind}")
    os.kill(worker, signal.SIGSTOP)
    try:
        until(lambda: ABSENT[kind] in health(site).json()["problems"], kind)
        assert health(site).status_code == 503
        assert ABSENT[kind] in httpx.get(f"{site.url}/status/", timeout=20).text
    finally:
        os.kill(worker, signal.SIGCONT)
    until(lambda: is_well(site), "a healthy arena")


def test_everything_periodic_is_done_once_after_a_hard_kill(site: Site) -> None:
    """A hard kill of the supervisor and the core worker at once, so that neither can clean up."""
    core = site.child("-Q\0core")
    os.kill(site.process.pid, signal.SIGKILL)
    os.kill(core, signal.SIGKILL)
    site.process.wait()
    site.start_again()
    until(lambda: is_well(site), "a healthy arena")
    with site.broker() as broker:
        began = time.monotonic()
        tasks = queued(broker, seconds=10)
        seconds = time.monotonic() - began
    # Not twice as often; under load it may be less often.
    assert 0.3 * seconds / 2 <= tasks["arena.watch_answers"] <= 1.2 * seconds / 2 + 1
    assert 0.3 * seconds / 0.5 <= tasks["ratings.refresh_boards"] <= 1.2 * seconds / 0.5 + 1


def queued(broker: redis.Redis, seconds: float) -> Counter[str]:
    """Tasks put into the queues meanwhile, as the broker sees them."""
    found: Counter[str] = Counter()
    until_then = time.monotonic() + seconds
    with broker.monitor() as monitor:  # type: ignore[no-untyped-call]
        while time.monotonic() < until_then:
            command = monitor.next_command()["command"]
            if command.startswith("LPUSH"):
                found.update(
                    task
                    for task in ("arena.watch_answers", "ratings.refresh_boards")
                    if task in command
                )
    return found
