"""Staff try contestants in Chromium: real models, well and badly set up, and an odd API."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Page, expect

from inference.contract.weights import SMOLLM2
from tests.inference.worker.backends.api_server import Server

from .conftest import shoot
from .site import Site, until
from .test_browser import assert_accessible

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery"
PROBED_MS = 180_000  # on a busy machine; usually a quarter of a minute
ENTER = """WITH entered AS (
               INSERT INTO arena_contestant (slug, name, organisation, licence, access,
                   stands_in_for, state, created)
               VALUES (%s, %s, 'Somebody', 'MIT', 'OPEN_WEIGHTS', '', 'DRAFT', now()) RETURNING id)
           INSERT INTO arena_revision (contestant_id, number, backend, weights, weights_sha256,
               quantisation, prompt_format, system_prompt, sampling, stop, max_tokens, url,
               remote_model, key_variable, timeout_s, created)
           SELECT id, 1, %s, %s, '', '', %s, '', '{"temperature": 0}', '[]', 64, %s, %s, '', 60,
               now()
           FROM entered RETURNING contestant_id"""
# Begins twice, has marks that the model was never trained with, and does not say when a turn ends.
BAD = (
    "{{ bos_token }}{{ bos_token }}{% for m in messages %}### Human: {{ m.content }}\n"
    "{% endfor %}### Human: "
)


@pytest.fixture
def staff(page: Page, site: Site) -> Iterator[Page]:
    site.rows(
        """INSERT INTO auth_user (username, password, is_superuser, is_staff, is_active,
                                  first_name, last_name, email, date_joined)
           VALUES ('trier', %s, true, true, true, '', '', '', now())""",
        make_password(PASSWORD, hasher="pbkdf2_sha256"),
    )
    page.goto("/admin/")
    page.get_by_label("Username").fill("trier")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    yield page
    site.rows("DELETE FROM arena_reply; DELETE FROM arena_chatturn; DELETE FROM arena_chat")
    site.rows("UPDATE arena_probe SET by_id = NULL")
    site.rows(
        "DELETE FROM django_admin_log; DELETE FROM usersessions_usersession; "
        "DELETE FROM auth_user WHERE username = 'trier'"
    )


def local(site: Site, slug: str, prompt_format: str = "") -> int:
    name = slug.capitalize()
    [(pk,)] = site.rows(ENTER, slug, name, "llama_cpp", SMOLLM2.name, prompt_format, "", "")
    return int(pk)


@contextmanager
def api(site: Site, slug: str, server: Server) -> Iterator[int]:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    name = slug.capitalize()
    [(pk,)] = site.rows(ENTER, slug, name, "openai", "", "", server.url, "model")
    yield int(pk)
    server.shutdown()
    server.server_close()


def probe(page: Page, pk: int) -> None:
    page.goto(f"/admin/arena/probe/{pk}/")
    page.get_by_role("button", name="Probe it").click()
    expect(page.locator(".findings")).to_be_visible(timeout=PROBED_MS)


def finding(page: Page, title: str) -> str:
    """Its colour and what it says."""
    found = page.locator(".findings > li").filter(has=page.get_by_text(title, exact=True))
    return f"{found.get_attribute('data-colour')}: {found.inner_text()}"


def test_draft_is_probed_and_answers_in_a_chat(staff: Page, site: Site) -> None:
    pk = local(site, "quagga")
    until(lambda: any(site.broker().keys("worker:*")), "a worker")
    page = staff
    page.goto(f"/admin/arena/probe/{pk}/")
    assert_accessible(page)
    shoot(page, "try-before")
    page.get_by_role("button", name="Probe it").click()
    expect(page.get_by_text(re.compile(r"\d of 8 questions answered"))).to_be_visible()
    shoot(page, "try-running")
    expect(page.locator(".findings")).to_be_visible(timeout=PROBED_MS)
    for title in ("Answers", "Prompt format", "Beginning of the text", "Two turns"):
        assert finding(page, title).startswith(("green", "amber")), finding(page, title)
    assert finding(page, "No control tokens in answers").startswith("green")
    page.get_by_text("The prompt as the model reads it").click()
    expect(page.locator("mark", has_text="<|im_start|>").first).to_be_visible()
    page.get_by_text("What it answered").click()
    assert_accessible(page)
    shoot(page, "try-report")

    page.get_by_label("Your prompt").fill("Say hello.")
    page.get_by_role("button", name="Ask").click()
    answer = page.locator(".pane .answer")
    expect(answer).to_contain_text(re.compile(r"\w"))
    expect(page.get_by_label("Your next prompt")).to_be_visible()
    page.get_by_label("Your next prompt").fill("And goodbye?")
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("#turn-2 .answer")).to_contain_text(re.compile(r"\w"))
    expect(page.get_by_label("Your next prompt")).to_be_visible()
    assert_accessible(page)
    shoot(page, "try-chat")
    assert site.rows("SELECT count(*) FROM arena_battle WHERE contestant_a_id = %s", pk) == [(0,)]
    assert site.rows("SELECT count(*) FROM arena_chat WHERE voter_id IS NULL") == [(1,)]


def test_badly_set_up_contestant_is_found_out(staff: Page, site: Site) -> None:
    probe(staff, local(site, "bongo", BAD))
    assert "2 times in a row" in finding(staff, "Beginning of the text")
    expect(staff.locator(".outcome")).to_contain_text("Not fit for voters")
    staff.get_by_text("The prompt as the model reads it").click()
    staff.get_by_text("What it answered").click()
    assert_accessible(staff)
    shoot(staff, "try-bad")


def test_api_that_misbehaves_is_found_out(staff: Page, site: Site) -> None:
    # It refuses for good: whoever asks twice, as on a busy machine, is refused twice.
    server = Server(words=("I am ", "ChatGPT.", "<|im_end|>"), unknown=("temperature",))
    server.last = [{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}]  # no usage
    with api(site, "impala", server) as pk:
        probe(staff, pk)
        assert finding(staff, "No control tokens in answers").startswith("red")
        assert "ChatGPT" in finding(staff, "Stays anonymous")
        assert "8 of 8 answers came without token counts" in finding(
            staff, "Token counts of the API"
        )
        assert "does not accept: temperature" in finding(staff, "Parameters")
        assert finding(staff, "Prompt format").startswith("none")
        shoot(staff, "try-api")
        keep_what_was_learned(staff, pk)


def keep_what_was_learned(page: Page, pk: int) -> None:
    page.goto(f"/admin/arena/contestant/{pk}/change/")
    expect(page.get_by_text("It rejects temperature, which is left out.")).to_be_visible()
    assert_accessible(page)
    shoot(page, "try-learned")
    page.get_by_role("link", name="Keep this: It rejects temperature").click()
    expect(page.get_by_label("Temperature")).to_have_value("")
    assert_accessible(page)
    shoot(page, "try-keep")
    page.get_by_role("button", name="Show what changes").click()
    page.get_by_role("button", name="Save as revision 2").click()
    expect(page.get_by_role("heading", name="Revision 2")).to_be_visible()
    expect(page.get_by_text("Learned of its API")).to_have_count(0)
