"""A quick and a slow model in a whole arena: nothing that is sent reveals which is which."""

from __future__ import annotations

import html
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.inference.worker.backends.api_server import Server

from .site import Site, until
from .volunteer import Volunteer, apply

TEXT = ("So it went on for unbelievably many extraordinary days at sea. " * 6).split()
ENTER = """WITH entered AS (
               INSERT INTO arena_contestant (slug, name, organisation, licence, access,
                   stands_in_for, state, created)
               VALUES (%s, %s, 'o', 'l', 'OPEN_WEIGHTS', '', 'ACTIVE', now()) RETURNING id)
           INSERT INTO arena_revision (contestant_id, number, backend, weights, weights_sha256,
               quantisation, prompt_format, system_prompt, sampling, stop, max_tokens, url,
               remote_model, key_variable, timeout_s, created)
           SELECT id, 1, 'openai', '', '', '', '', '', '{}', '[]', 400, %s, %s, '', 60, now()
           FROM entered"""
STORED = """SELECT a.side, a.text, a.finish_reason, c.slug FROM arena_answer a
            JOIN arena_turn t ON t.id = a.turn_id JOIN arena_battle b ON b.id = t.battle_id
            JOIN arena_revision r ON r.id = a.revision_id
            JOIN arena_contestant c ON c.id = r.contestant_id
            WHERE b.public_id = %s ORDER BY a.side"""


class Paced(tuple[str, ...]):
    """Words that come one by one."""

    pause = 0.0

    def __iter__(self) -> Iterator[str]:
        for word in super().__iter__():
            time.sleep(self.pause)
            yield f"{word} "


@pytest.fixture(scope="module")
def quick_and_slow(site: Site) -> Iterator[None]:
    before = site.rows("SELECT id, state FROM arena_contestant")
    site.rows("UPDATE arena_contestant SET state = 'PAUSED'")
    servers = []
    for name, pause in (("quick", 0.005), ("slow", 0.12)):
        words = Paced(TEXT)
        words.pause = pause
        servers.append(Server(words=words))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        site.rows(ENTER, f"api-{name}", name, servers[-1].url, name)
    yield
    for server in servers:
        server.shutdown()
        server.server_close()
    for identity, state in before:
        site.rows("UPDATE arena_contestant SET state = %s WHERE id = %s", state, identity)
    site.rows(
        "UPDATE arena_contestant SET state = 'RETIRED' WHERE slug IN ('api-quick', 'api-slow')"
    )


def shown(blocks: list[str]) -> list[str]:
    return html.unescape(re.sub(r"<[^>]+>", "", "".join(blocks))).split()


def watch(site: Site, stop_after: int) -> tuple[list[list[str]], list[list[str]], list[str]]:
    """What both panes show in the end, what is stored, and for which models. Every frame is
    checked."""
    panes: dict[str, list[str]] = {"A": [], "B": []}
    at, last, is_stopped = "", "", False
    with Volunteer(site.url) as volunteer:
        battle = until(lambda: begin(volunteer), "both models in service")
        for frame in volunteer.watch(battle):
            apply(panes, frame)
            last = frame["op"]
            if last != "text":
                continue
            assert [pane["side"] for pane in frame["panes"]] == ["A", "B"]
            a, b = shown(panes["A"]), shown(panes["B"])
            assert a == b == TEXT[: len(a)]  # the same words, and whole ones
            at = at if is_stopped else frame["at"]
            if len(a) >= stop_after and not is_stopped:
                is_stopped = True
                volunteer.post(f"/battles/{battle}/stop/", seen=at)
        why = site.rows("SELECT void_reason FROM arena_battle WHERE public_id = %s", battle)
        assert last == "ready", why
        rows = site.rows(STORED, battle)
        page = volunteer.get(f"/battles/{battle}/").text
        assert page.count("stopped here") == (2 if is_stopped else 0)
    assert len({reason for _, _, reason, _ in rows}) == 1
    return [shown(panes[side]) for side in "AB"], [text.split() for _, text, _, _ in rows], [
        slug for *_, slug in rows
    ]  # fmt: skip


def begin(volunteer: Volunteer) -> str:
    try:
        return volunteer.begin("Tell me about the sea.")
    except AssertionError:
        return ""


@pytest.mark.usefixtures("quick_and_slow")
def test_quick_and_slow_side_look_alike_to_the_last_byte(site: Site) -> None:
    stops = [10_000, 10_000, 5, 20, 40, 12]
    with ThreadPoolExecutor(len(stops)) as crowd:
        seen = list(crowd.map(lambda stop: watch(site, stop), stops))
    for stop, (panes, stored, slugs) in zip(stops, seen, strict=True):
        assert panes == stored  # what was seen, no more
        assert stored[0] == stored[1]
        assert len(stored[0]) == min(stop, len(TEXT))
        assert Counter(slugs) == {"api-quick": 1, "api-slow": 1}
