"""Processes that are told to stop, as in a rolling upgrade: others go on from the last word."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Browser, WebSocket, expect

from arena.markdown import blocks
from benchmarks.rolling.reading import Reading

from .beside import WEB, running
from .hosted import Paced, begin, in_place_of_all
from .site import ROOT, Site, free_port, until
from .stalled import WORDS, Tab, tabs
from .test_recovery import LONG, stored
from .volunteer import Volunteer

AGAIN = """SELECT count(*) FROM arena_answer a JOIN arena_turn t ON t.id = a.turn_id
           JOIN arena_battle b ON b.id = t.battle_id
           WHERE a.attempt > 1 AND b.public_id = ANY(%s)"""

# What the page showed while it was looked at: every sentence of its status, and whether text that
# had been shown was taken away.
LOOK = """() => {
    window.said = new Set();
    window.shrank = false;
    let most = 0;
    const look = () => {
        const answers = [...document.querySelectorAll(".answer")];
        const length = Math.min(...answers.map((answer) => answer.textContent.length));
        window.shrank ||= length < most;
        most = length;
        window.said.add(document.querySelector("[data-status]").textContent.trim());
    };
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
}"""


class Halved(Paced):
    """Its second half comes when it may."""

    may_end = threading.Event()

    def __iter__(self) -> Iterator[str]:
        for number, piece in enumerate(super().__iter__()):
            if number == len(self) // 2:
                self.may_end.wait(60)
            yield piece


@pytest.mark.browser
def test_battles_go_on_at_another_web_process(chromium: Browser, site: Site) -> None:
    said, port = Halved.of([f"{word} " for word in WORDS], 0.05), free_port()
    environment = {**site.environment, **site.servers}
    with in_place_of_all(site, one=said, other=said), Volunteer(site.url) as volunteer:
        said.may_end.set()
        begin(volunteer, "Is anybody there?")
        said.may_end.clear()
        with (
            running([*WEB, str(port)], environment, port) as web,
            tabs(chromium, 3, port, site.port) as shown,
        ):
            later: list[WebSocket] = []
            for tab in shown:
                expect(tab.page.locator(".answer .block").first).to_be_visible()
                tab.page.evaluate(LOOK)
                tab.page.on("websocket", lambda socket: later.append(socket))  # noqa: PLW0108
            web.terminate()
            said.may_end.set()
            for tab in shown:
                tab.ends_whole()
                _assert_nobody_noticed(tab)
            moved = {socket.url.partition("?")[0].rstrip("/").split("/")[-1] for socket in later}
            assert moved == {tab.battle for tab in shown}
            web.wait()


def _assert_nobody_noticed(tab: Tab) -> None:
    assert not tab.page.evaluate("window.shrank")
    assert not any("lost" in sentence for sentence in tab.page.evaluate("[...window.said]"))


def test_answers_go_on_at_another_model_worker(site: Site) -> None:
    """Without time to end them, in the middle of four battles."""
    manage = [sys.executable, str(ROOT / "manage.py"), "inference_worker", "--grace", "0"]
    environment = {**site.environment, **site.servers}
    volunteers = [Volunteer(site.url) for _ in range(4)]
    with (
        site.broker() as broker,
        subprocess.Popen(manage, env=environment) as leaving,
        ThreadPoolExecutor(len(volunteers)) as pool,
    ):
        try:
            until(lambda: broker.scard("workers") == 2, "two model workers")
            readings = [Reading(each, each.begin(LONG)) for each in volunteers]
            ends = [pool.submit(each.to_the_end) for each in readings]
            until(lambda: all(each.words()["A"] for each in readings), "words of all")
        finally:
            leaving.terminate()
        assert [end.result() for end in ends] == ["ready"] * len(readings)
    assert site.rows(AGAIN, [each.battle for each in readings]) > [(0,)]
    for each in readings:
        assert not each.has_shrunk
        assert each.panes == {s: blocks(text) for s, text in stored(site, each.battle).items()}
        each.somebody.http.close()
