"""From a new arena to a new model in a battle, in a browser: from the hub, from an API, and from
the admin's own computer. Screenshots and axe on the way."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.hub import HubServer, Repo, hub_server
from tests.inference.engine.tiny_weights import LLAMA, write_tiny
from tests.inference.worker.backends import api_server
from tests.inference.worker.backends.local_server import serving
from tests.servers import KEPT_WEIGHTS

from .conftest import shoot
from .site import Site
from .test_other_pages import PASSWORD, assert_sound

pytestmark = pytest.mark.browser

MOST_CLICKS = 10
REPOSITORY = "maker/Sprout-135M-GGUF"
CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "<|im_start|>assistant\n"
)


class Api(api_server.Handler):
    """A server that also lists its one model."""

    def do_GET(self) -> None:  # noqa: N802
        listed = {"object": "list", "data": [{"id": "brook-1", "object": "model"}]}
        content = json.dumps(listed).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class Admin:
    """Somebody who is signed in. Counts clicks."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0
        self.begun = time.monotonic()

    def click(self, what: Locator) -> None:
        what.click()
        self.clicks += 1

    def link(self, name: str) -> None:
        self.click(self.page.get_by_role("link", name=name, exact=True).first)

    def button(self, name: str) -> None:
        self.click(self.page.get_by_role("button", name=name, exact=True))

    def fill(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).fill(text)

    def look(self, name: str) -> None:
        """A picture, and axe. Not counted: nobody has to."""
        before = time.monotonic()
        shoot(self.page, f"adding-{name}")
        assert_sound(self.page, name)
        self.begun += time.monotonic() - before


@pytest.fixture(scope="module")
def hub(weights: Path) -> Iterator[HubServer]:
    with hub_server() as server:
        files = {"Sprout-135M-Q4_K_M.gguf": weights.read_bytes(), "LICENSE": b"Be kind."}
        server.repos[REPOSITORY] = Repo(files, {"license": "apache-2.0", "base_model": "maker/S"})
        yield server


@pytest.fixture(scope="module")
def arena(hub: HubServer) -> Iterator[Site]:
    """A new arena, with its starters, of which one is active: a battle needs two."""
    folder = Path(tempfile.mkdtemp(prefix="evenhand-adding-"))
    folder.chmod(0o755)
    held = folder / "weights"
    held.mkdir()
    for file in KEPT_WEIGHTS.glob("SmolLM2*.gguf"):
        os.symlink(file.resolve(), held / file.name)
    running = Site(folder / "var", held, HF_ENDPOINT=hub.url)
    try:
        running.wait_ready()
        running.answer_briefly(40)
        running.rows("UPDATE arena_contestant SET state = 'PAUSED' WHERE slug <> 'smollm2-135m'")
        running.rows(
            """INSERT INTO auth_user (username, password, is_superuser, is_staff, is_active,
                                      first_name, last_name, email, date_joined)
               VALUES ('boss', %s, true, true, true, '', '', '', now())""",
            make_password(PASSWORD, hasher="pbkdf2_sha256"),
        )
        yield running
        assert running.stop() == 0, "\n".join(running.lines)
    finally:
        running.process.kill()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def admin(chromium: Browser, arena: Site) -> Iterator[Admin]:
    context = chromium.new_context(
        base_url=arena.url, viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(error.stack or str(error)))
    page.goto("/admin/")
    page.get_by_label("Username").fill("boss")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("link", name="Add a contestant")).to_be_visible()
    page.set_default_timeout(90_000)
    yield Admin(page)
    context.close()
    assert complaints == []


@contextmanager
def api() -> Iterator[api_server.Server]:
    server = api_server.Server()
    server.RequestHandlerClass = Api
    with serving(server):
        yield server


def test_model_of_the_hub_is_in_a_battle_after_ten_clicks(admin: Admin, arena: Site) -> None:
    page = admin.page
    admin.link("Add a contestant")
    admin.look("where")
    admin.link("Hugging Face")
    admin.fill("Repository with GGUF files", REPOSITORY)
    admin.button("List its files")
    admin.look("files")
    admin.click(page.get_by_label("I accept this licence"))
    admin.button("Download")
    expect(page.get_by_role("link", name="Continue")).to_be_visible(timeout=90_000)
    admin.look("downloaded")
    admin.link("Continue")
    admin.look("card")
    admin.button("Create the draft")
    expect(page.get_by_text("It is being probed")).to_be_visible()
    admin.look("draft")
    admin.button("Activate it")
    expect(page.get_by_text("It is active")).to_be_visible()
    admin.look("active")
    battle_with(admin, arena, "sprout-135m")


def test_model_of_an_api_is_in_a_battle_after_ten_clicks(admin: Admin, arena: Site) -> None:
    arena.rows("UPDATE arena_contestant SET state = 'PAUSED' WHERE slug LIKE 'sprout%%'")
    page = admin.page
    with api() as server:
        admin.link("Add a contestant")
        admin.link("An OpenAI-compatible API")
        admin.look("api")
        admin.fill("Base address of the API", server.url)
        admin.button("List its models")
        expect(page.get_by_label("Model", exact=True)).to_have_value("brook-1")
        admin.look("models")
        admin.button("Continue")
        admin.fill("Organisation", "Brook Makers")
        admin.fill("Licence", "proprietary")
        page.get_by_label("Access").select_option("proprietary")
        admin.clicks += 1
        admin.button("Create the draft")
        admin.button("Activate it")
        expect(page.get_by_text("It is active")).to_be_visible()
        battle_with(admin, arena, "brook-1")


def battle_with(admin: Admin, arena: Site, slug: str) -> None:
    page = admin.page
    admin.link("Open the arena")
    page.get_by_label("Your prompt").fill("Say hello.")
    admin.button("Start the battle")
    page.wait_for_url("**/battles/*/")
    taken = time.monotonic() - admin.begun
    print(f"{slug}: {admin.clicks} clicks, {taken:.0f} seconds")
    assert admin.clicks <= MOST_CLICKS
    drawn = arena.rows(
        "SELECT c.slug FROM arena_battle b JOIN arena_contestant c "
        "ON c.id IN (b.contestant_a_id, b.contestant_b_id) WHERE b.public_id = %s",
        page.url.rstrip("/").rpartition("/")[2],
    )
    assert (slug,) in drawn


def test_upload_goes_on_after_a_lost_connection(admin: Admin, tmp_path: Path) -> None:
    file = tmp_path / "Tiny-upload.gguf"
    write_tiny(file, LLAMA, chat_template=CHATML)
    page = admin.page
    lost: list[str] = []
    is_back = Event()

    def lose_the_first(route: Route) -> None:
        if "at=0" in route.request.url and not is_back.is_set():
            lost.append(route.request.url)
            return route.abort()
        return route.continue_()

    page.route("**/choose/upload/begin/**", lose_the_first)
    page.goto("/admin/arena/contestant/choose/upload/")
    page.get_by_label("GGUF file").set_input_files(file)
    admin.button("Upload")
    expect(page.get_by_text("The connection is lost.")).to_be_visible()
    admin.look("upload")
    is_back.set()
    page.wait_for_url("**/downloads/**")
    expect(page.get_by_text("It has arrived")).to_be_visible(timeout=90_000)
    assert lost
