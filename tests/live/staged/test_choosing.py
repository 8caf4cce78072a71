"""Choosing a verdict: it stands for a while and can be taken back, by hand, by keys, without a
connection, and by leaving the page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from arena.models import Battle, Vote
from tests.arena.streams import Script

from ..site import until
from .conftest import Server, become, open_, write_down
from .test_states import choice

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HIDE = """is => { Object.defineProperty(document, "hidden", { value: is, configurable: true });
                  document.dispatchEvent(new Event("visibilitychange")); }"""


def pressed(page: Page) -> list[str]:
    keys = "all => all.map(each => each.dataset.key)"
    found: list[str] = page.locator("[data-key][aria-pressed=true]").evaluate_all(keys)
    return found


def verdicts() -> list[str]:
    return list(Vote.objects.values_list("verdict", flat=True))


def arrives(page: Page, heading: str) -> None:
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    expect(page.locator("#reveal")).to_be_focused()


@pytest.fixture
def ready(page: Page, battle: Battle) -> Page:
    write_down(battle)
    open_(page, battle)
    return page


def test_choice_can_be_changed_and_taken_back_and_then_stands(ready: Page) -> None:
    for key, now in (("1", ["1"]), ("4", ["4"]), ("u", []), ("2", ["2"]), ("Escape", []),
                     ("s", ["s"]), ("3", ["3"])):  # fmt: skip
        ready.keyboard.press(key)
        assert pressed(ready) == now, key
    choice(ready, "Undo").focus()
    ready.keyboard.press("Enter")
    assert pressed(ready) == []
    expect(choice(ready, "Both are bad")).to_be_focused()
    choice(ready, "B is better").click()
    assert pressed(ready) == ["4"]
    assert verdicts() == []
    choice(ready, "B is better").click()
    arrives(ready, "Your vote: B is better")
    assert verdicts() == ["B"]


def test_next_battle_takes_one_key_and_one_enter(ready: Page) -> None:
    ready.keyboard.press("1")
    ready.keyboard.press("Enter")
    arrives(ready, "Your vote: A is better")
    assert verdicts() == ["A"]


def test_choice_that_nobody_takes_back_is_stored_by_itself(
    page: Page, battle: Battle, patience: Settings
) -> None:
    patience.UNDO_SECONDS = 0.2
    write_down(battle)
    open_(page, battle)
    choice(page, "Tie").click()
    arrives(page, "Your vote: Tie")


def test_skip_by_key_is_stored_and_names_nobody(ready: Page, battle: Battle) -> None:
    ready.keyboard.press("s")
    ready.keyboard.press("s")
    expect(ready.locator("#skipped")).to_be_focused()
    battle.refresh_from_db()
    assert (battle.state, verdicts()) == (Battle.State.SKIPPED, [])
    assert "Xylo" not in ready.content()
    box = ready.locator("#skipped input[name=prompt]")
    assert box.input_value() == "Tell me a story about a whale."


def leave(page: Page) -> None:
    page.goto("/about/")


def hide(page: Page) -> None:
    page.evaluate(HIDE, True)


def close(page: Page) -> None:
    page.close(run_before_unload=True)


@pytest.mark.parametrize("go", [leave, hide, close], ids=lambda go: go.__name__)
def test_leaving_the_page_counts_the_choice(ready: Page, go: Callable[[Page], None]) -> None:
    choice(ready, "A is better").click()
    assert pressed(ready) == ["1"]
    go(ready)
    until(lambda: verdicts() == ["A"], "the vote")


def test_page_seen_again_shows_the_names(ready: Page) -> None:
    choice(ready, "A is better").click()
    hide(ready)
    until(lambda: verdicts() == ["A"], "the vote")
    ready.evaluate(HIDE, False)
    arrives(ready, "Your vote: A is better")
    assert verdicts() == ["A"]


def test_vote_without_a_connection_is_kept_and_sent_later(ready: Page) -> None:
    ready.route("**/vote/", lambda route: route.abort())
    choice(ready, "Tie").dblclick()
    expect(ready.locator("[data-verdict] [role=status]")).to_contain_text("your choice is kept")
    assert verdicts() == []
    ready.unroute("**/vote/")
    arrives(ready, "Your vote: Tie")
    assert verdicts() == ["TIE"]


def test_vote_while_the_server_is_away_is_kept_and_sent_later(ready: Page) -> None:
    ready.route("**/vote/", lambda route: route.fulfill(status=502, body="Bad gateway"))
    choice(ready, "Tie").dblclick()
    expect(ready.locator("[data-verdict] [role=status]")).to_contain_text("your choice is kept")
    ready.unroute("**/vote/")
    arrives(ready, "Your vote: Tie")
    assert verdicts() == ["TIE"]


def test_vote_that_may_be_stored_can_no_longer_be_taken_back(ready: Page) -> None:
    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    ready.route("**/vote/", lose)
    choice(ready, "Tie").dblclick()
    expect(ready.locator("[data-verdict] [role=status]")).to_contain_text("your choice is kept")
    ready.keyboard.press("u")
    ready.keyboard.press("4")
    assert pressed(ready) == ["2"]
    ready.unroute("**/vote/")
    arrives(ready, "Your vote: Tie")


def test_key_held_down_is_pressed_once(ready: Page) -> None:
    choice(ready, "A is better").focus()
    for _ in range(4):
        ready.keyboard.down("Enter")
    ready.keyboard.up("Enter")
    assert pressed(ready) == ["1"]
    assert verdicts() == []


def test_early_vote_stops_the_text_and_undo_lets_it_go_on(
    page: Page, battle: Battle, server: Server
) -> None:
    script = Script(battle)
    for side in script.answers:
        script.say(side, "Once upon a time there was a whale ", ago=30)
    open_(page, battle)
    expect(page.locator("[data-verdict]")).to_have_attribute("data-state", "writing")
    at = page.locator("[data-at]").get_attribute("data-at")
    assert at is not None
    until(lambda: len(server.lines) == 1, "a connection")
    choice(page, "B is better").click()
    page.keyboard.press("u")
    until(lambda: len(server.lines) == 2, "another connection")
    assert f"at={at}&turn=1&lang=en" in server.lines[1].url
    page.keyboard.press("4")
    page.keyboard.press("4")
    arrives(page, "Your vote: B is better")
    vote = Vote.objects.get()
    assert (vote.early, vote.turn) == (True, battle.turns.get())
    assert f"2.{vote.words_seen}" == at
    expect(page.get_by_text("You voted here")).to_have_count(2)


def test_stray_keys_do_nothing(ready: Page) -> None:
    for stray in ("Control+1", "Alt+2", "Meta+3", "5", "!"):
        ready.keyboard.press(stray)
    box = ready.locator("textarea")
    box.press_sequentially("12 s u")
    assert box.input_value() == "12 s u"
    box.blur()
    ready.keyboard.press("1")  # the last of what was being typed
    assert pressed(ready) == []
    ready.evaluate("""() => new Promise(done => setTimeout(() => {
        const key = (key, more) => document.body.dispatchEvent(
            new KeyboardEvent("keydown", { key, bubbles: true, ...more }));
        key("1", { repeat: true }); key("2", { isComposing: true }); done();
    }, 1100))""")
    assert pressed(ready) == []
    ready.keyboard.press("1")
    assert pressed(ready) == ["1"]
    ready.keyboard.press("Escape")


def test_keys_can_be_switched_off_for_good(ready: Page) -> None:
    switch = ready.get_by_role("switch", name="Keyboard shortcuts")
    expect(ready.locator("kbd", has_text="1")).to_be_visible()
    switch.click()
    for _ in range(2):
        expect(switch).not_to_be_checked()
        expect(ready.locator("kbd", has_text="1")).to_be_hidden()
        ready.keyboard.press("1")
        assert pressed(ready) == []
        ready.reload()
    switch.click()
    ready.keyboard.press("1")
    assert pressed(ready) == ["1"]
    ready.keyboard.press("Escape")


def test_stop_keeps_its_place_and_nothing_else_takes_it(
    page: Page, battle: Battle, server: Server
) -> None:
    for width, height in ((320, 568), (390, 844), (1280, 900)):
        page.set_viewport_size({"width": width, "height": height})
        open_(page, battle)
        stop = choice(page, "Stop")
        before = stop.bounding_box()
        assert before is not None
        server.text(20)
        expect(choice(page, "A is better")).to_be_enabled()
        assert stop.bounding_box() == before
        server.send(op="ready", notes={"A": "", "B": ""})
        expect(stop).to_be_hidden()
        x, y = before["x"] + before["width"] / 2, before["y"] + before["height"] / 2
        assert not page.evaluate(f"document.elementFromPoint({x}, {y}).closest('.choice')")


def test_bar_leaves_the_room_to_the_answers_in_every_language(page: Page, battle: Battle) -> None:
    write_down(battle)
    page.set_viewport_size({"width": 320, "height": 568})
    for language, name in settings.LANGUAGES:
        prefix = "" if language == settings.LANGUAGE_CODE else f"/{language}"
        page.goto(f"{prefix}/battles/{battle.public_id}/")
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page.locator(".verdict[data-keys]")).to_have_count(1)
        page.keyboard.press("1")
        assert pressed(page) == ["1"]
        tall = page.evaluate("document.querySelector('.verdict').offsetHeight")
        assert tall <= 0.15 * 568, name
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, name
        page.keyboard.press("Escape")


def test_without_javascript_a_vote_is_stored_at_once_and_says_so(
    chromium: Browser, live_server: LiveServer, battle: Battle
) -> None:
    write_down(battle)
    with chromium.new_context(base_url=live_server.url, java_script_enabled=False) as context:
        become(context, battle, live_server.url)
        page = context.new_page()
        page.goto(f"/battles/{battle.public_id}/")
        assert "Your vote is stored at once" in page.content()
        expect(choice(page, "Undo")).to_be_hidden()
        choice(page, "A is better").click()
        expect(page.get_by_role("heading", name="Your vote: A is better")).to_be_visible()
    assert verdicts() == ["A"]
