"""Processes die at the worst moment; the volunteer is never left waiting."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import redis
from django.conf import settings

from arena.markdown import blocks

from .site import ROOT, USUAL_TOKENS, Site, free_port, until
from .volunteer import Volunteer, apply

SPINNER_S = 60.0  # for a busy machine; a dozen seconds on an idle one
LONG = "Write a long story about a lighthouse, with many details."


def stored(site: Site, battle: str) -> dict[str, str]:
    rows = site.rows(
        """SELECT a.side, a.text FROM arena_answer a JOIN arena_turn t ON t.id = a.turn_id
           JOIN arena_battle b ON b.id = t.battle_id WHERE b.public_id = %s""",
        battle,
    )
    return dict(rows)


def test_dropped_connection_resumes_where_it_was(site: Site, volunteer: Volunteer) -> None:
    battle = volunteer.begin(LONG)
    panes: dict[str, list[str]] = {"A": [], "B": []}
    at = ""
    connections = 0
    over = False
    while not over:
        connections += 1
        for number, frame in enumerate(volunteer.watch(battle, at)):
            apply(panes, frame)
            over = frame["op"] in ("ready", "void")
            at = frame.get("at", at)
            if number == 5:  # then the connection drops
                break
    assert connections > 2
    assert panes == {side: blocks(text) for side, text in stored(site, battle).items()}


def watch_and_signal(
    site: Site, volunteer: Volunteer, battle: str, how: signal.Signals
) -> tuple[dict[str, list[str]], dict[str, Any], float]:
    """Signal the model worker at the first words. Returns what the panes show in the end, the last
    frame, and the longest time [s] without new text; heartbeats do not count."""
    panes: dict[str, list[str]] = {"A": [], "B": []}
    longest, moved = 0.0, 0.0
    last: dict[str, Any] = {}
    for last in volunteer.watch(battle):
        if last["op"] == "beat":
            continue
        if moved:
            longest = max(longest, time.monotonic() - moved)
        else:
            os.kill(site.child("inference_worker"), how)
        moved = time.monotonic()
        apply(panes, last)
    return panes, last, longest


def test_killed_model_worker_is_restarted_and_the_battle_ends(
    site: Site, volunteer: Volunteer
) -> None:
    battle = volunteer.begin(LONG)
    said = len(site.lines)
    panes, last, longest = watch_and_signal(site, volunteer, battle, signal.SIGKILL)
    assert longest < SPINNER_S
    if last["op"] == "ready":
        assert panes == {side: blocks(text) for side, text in stored(site, battle).items()}
    else:
        assert site.rows("SELECT state FROM arena_battle WHERE public_id = %s", battle) == [
            ("VOID",)
        ]
    site.wait_for_line("! inference ended (signal SIGKILL); restarting it", said)
    site.wait_for_line("✓ inference", said)


def test_killed_web_and_core_come_back(site: Site, volunteer: Volunteer) -> None:
    said = len(site.lines)
    os.kill(site.child("uvicorn"), signal.SIGKILL)
    os.kill(site.child("-Q\0core"), signal.SIGKILL)
    site.wait_for_line("✓ web", said)
    site.wait_for_line("✓ core", said)
    battle = volunteer.begin("Say hello.")
    volunteer.finish(battle)
    assert volunteer.vote(battle, "TIE").status_code == 302


def test_killed_valkey_comes_back_with_its_queue(site: Site, volunteer: Volunteer) -> None:
    said = len(site.lines)
    pid = int((site.var / "valkey" / "valkey.pid").read_text())
    os.kill(pid, signal.SIGKILL)
    site.wait_for_line("! Valkey had stopped; it is running again", said)
    battle = until(lambda: _begin(volunteer), "a battle after Valkey's return")
    volunteer.finish(battle)
    assert volunteer.vote(battle, "A").status_code == 302


def test_frozen_valkey_holds_a_battle_no_longer_than_it_is_frozen(
    site: Site, volunteer: Volunteer
) -> None:
    battle = volunteer.begin(LONG)
    said = len(site.lines)
    panes: dict[str, list[str]] = {"A": [], "B": []}
    at = ""
    frozen, thawed = False, 0.0
    last: dict[str, Any] = {}
    while last.get("op") not in ("ready", "void"):
        assert not thawed or time.monotonic() - thawed < SPINNER_S
        for last in volunteer.watch(battle, at):  # as the browser does: the connection may drop
            apply(panes, last)
            at = last.get("at", at)
            if not frozen:
                frozen = freeze_valkey(site, seconds=5)
                thawed = time.monotonic()
    assert last["op"] == "ready"
    assert panes == {side: blocks(text) for side, text in stored(site, battle).items()}
    assert volunteer.vote(battle, "B").status_code == 302
    assert not any("restarting it" in line for line in site.lines[said:])  # none crashed


def freeze_valkey(site: Site, seconds: float) -> bool:
    """Freeze Valkey: no writes, reads or heartbeats meanwhile."""
    process = int((site.var / "valkey" / "valkey.pid").read_text())
    os.kill(process, signal.SIGSTOP)
    try:
        time.sleep(seconds)
    finally:
        os.kill(process, signal.SIGCONT)
    return True


def _begin(volunteer: Volunteer, prompt: str = "Say hello.") -> str:
    """The battle; "" while it is rejected because no worker has sent a heartbeat yet."""
    try:
        return volunteer.begin(prompt)
    except (AssertionError, httpx.HTTPError):
        return ""


def test_second_up_is_refused_in_one_sentence(site: Site) -> None:
    second = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "up", "--port", str(free_port())],
        env=site.environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert second.returncode == 1
    assert second.stderr == (
        f"✗ 'make up' is already running here (process {site.process.pid}, {site.url}/).\n"
    )


def test_taken_port_is_refused_in_one_sentence(site: Site, tmp_path: Path) -> None:
    env = {**site.environment, "ARENA_VAR": str(tmp_path / "var")}
    second = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "up", "--port", str(site.port)],
        env=env, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert second.returncode == 1
    assert second.stderr.startswith(f"✗ Port {site.port} on 127.0.0.1 is not available")
    assert f"make up PORT={site.port + 1}" in second.stderr


VERDICTS = "SELECT verdict FROM arena_vote ORDER BY id"


def test_supervisor_killed_outright_leaves_nothing_in_the_way(
    site: Site, volunteer: Volunteer
) -> None:
    before = site.rows(VERDICTS)
    battle = volunteer.begin("Say hello.")
    volunteer.finish(battle)
    volunteer.vote(battle, "B")
    site.stop(signal.SIGKILL)
    site.start_again()
    assert site.rows(VERDICTS) == [*before, ("B",)]


def test_stops_when_told_though_its_terminal_is_gone(site: Site) -> None:
    site.terminal = False
    for _ in range(2):  # the second death is not reported, as the terminal is closed
        web = site.child("uvicorn")
        os.kill(web, signal.SIGKILL)
        until(partial(_other_child, site, "uvicorn", web), "a new web process")
    assert site.stop() == 0
    site.start_again()


def _other_child(site: Site, word: str, than: int) -> bool:
    try:
        return site.child(word) != than
    except AssertionError:
        return False


def test_model_worker_told_to_stop_hands_its_answers_back(site: Site, volunteer: Volunteer) -> None:
    battle = volunteer.begin(LONG)
    said = len(site.lines)
    _, last, longest = watch_and_signal(site, volunteer, battle, signal.SIGTERM)
    assert last["op"] in ("ready", "void")
    assert longest < SPINNER_S
    site.wait_for_line("✓ inference", said)


def test_frozen_model_worker_does_not_hold_a_battle(site: Site, volunteer: Volunteer) -> None:
    battle = until(lambda: _begin(volunteer, LONG), "a worker in service")
    worker = site.child("inference_worker")
    try:
        _, last, longest = watch_and_signal(site, volunteer, battle, signal.SIGSTOP)
    finally:
        with suppress(ProcessLookupError):  # `make up` has started another, and the battle waited
            os.kill(worker, signal.SIGCONT)
    assert last["op"] in ("ready", "void")
    assert longest < SPINNER_S
    until(lambda: _begin(volunteer), "the worker to be back")


def test_more_battles_than_slots_all_end_and_those_who_wait_are_told(site: Site) -> None:
    def battle(_: int) -> list[dict[str, Any]]:
        with Volunteer(site.url) as somebody:
            return list(somebody.watch(somebody.begin(LONG)))

    site.answer_briefly(40)
    with ThreadPoolExecutor(14) as crowd:
        watched = list(crowd.map(battle, range(14)))
    site.answer_briefly(USUAL_TOKENS)
    assert [frames[-1]["op"] for frames in watched] == ["ready"] * 14
    told = [frame for frames in watched for frame in frames if frame["op"] == "queue"]
    assert any("ahead of yours: about" in frame["message"] for frame in told)


def test_new_weights_are_served_without_a_restart(site: Site, volunteer: Volunteer) -> None:
    old = settings.WEIGHTS_DIR / "SmolLM2-135M-Instruct.Q4_1.gguf"
    new = settings.WEIGHTS_DIR / "Newcomer.gguf"
    new.symlink_to(old)
    before = site.rows("SELECT id, state FROM arena_contestant ORDER BY id")
    try:
        with site.broker() as broker:
            until(lambda: "Newcomer" in _heartbeats(broker), "the new weights")
        enter(site, "Newcomer")
        battle = volunteer.begin("Say hello.")
        volunteer.finish(battle)
        assert volunteer.vote(battle, "A").status_code == 302
        used = "SELECT weights FROM arena_revision r JOIN arena_answer a ON r.id = a.revision_id"
        assert ("Newcomer",) in site.rows(used)
    finally:
        new.unlink()
        for identity, state in before:
            site.rows("UPDATE arena_contestant SET state = %s WHERE id = %s", state, identity)
        site.rows("UPDATE arena_contestant SET state = 'RETIRED' WHERE slug = 'newcomer'")


def enter(site: Site, weights: str) -> None:
    """Enter a contestant with these weights, and pause all but one of the others."""
    site.rows("UPDATE arena_contestant SET state = 'PAUSED' WHERE slug <> 'gpt-4-stand-in'")
    site.rows(
        """INSERT INTO arena_contestant (slug, name, organisation, licence, access, stands_in_for,
               state, created) VALUES ('newcomer', 'Newcomer', 'o', 'l', 'OPEN_WEIGHTS', '',
               'ACTIVE', now())"""
    )
    site.rows(
        """INSERT INTO arena_revision (contestant_id, number, backend, weights, weights_sha256,
               quantisation, prompt_format, system_prompt, sampling, stop, max_tokens, url,
               remote_model, key_variable, timeout_s, created)
           SELECT id, 1, 'llama_cpp', %s, '', '', '', '', '{}', '[]', 50, '', '', '', 60, now()
           FROM arena_contestant WHERE slug = 'newcomer'""",
        weights,
    )


def _heartbeats(broker: redis.Redis) -> str:
    return " ".join(str(broker.get(key)) for key in broker.scan_iter("worker:*"))
