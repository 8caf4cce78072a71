"""What a campaign also asks before the vote, in Chromium: by mouse, by keys, without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from arena.battles import voiding
from arena.models import Battle, Campaign, CriterionVerdict, Vote

from .conftest import Server, become, open_, write_down
from .looks import examine

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ASKED = ["accurate", "follows-instructions", "clear", "creative"]


@pytest.fixture(autouse=True)
def asking(battle: Battle) -> None:
    Campaign.objects.update(criteria=ASKED)


def question(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=name)


def stored() -> dict[str, str]:
    return dict(CriterionVerdict.objects.values_list("criterion", "verdict"))


def test_questions_come_when_both_answers_are_there(
    page: Page, server: Server, battle: Battle
) -> None:
    """Before, they would move with the text. They go where there is nothing to vote on."""
    open_(page, battle)
    server.text(20)
    expect(page.get_by_text("writing …")).to_have_count(2)
    expect(question(page, "Compare them in detail")).to_have_count(0)
    server.send(op="ready", notes={"A": "", "B": ""})
    expect(question(page, "Compare them in detail")).to_be_visible()
    server.send(op="void", message=voiding.GONE)
    expect(page.get_by_role("radio")).to_have_count(0)


def test_answers_by_mouse_go_with_the_vote(page: Page, battle: Battle) -> None:
    write_down(battle)
    open_(page, battle)
    assert page.get_by_role("radio", checked=True).count() == 0
    clear = page.get_by_role("button", name="Clear")
    expect(clear).not_to_be_visible()
    question(page, "Which answer is clearer?").get_by_label("B", exact=True).check()
    clear.click()
    assert page.get_by_role("radio", checked=True).count() == 0
    expect(page.get_by_role("radio").first).to_be_focused()
    question(page, "Which answer is clearer?").get_by_label("Tie").check()
    question(page, "Which answer is more accurate?").get_by_label("A", exact=True).check()
    for size in examine(page, "criteria", whole=True):
        assert page.locator(".options").evaluate_all(
            "rows => rows.every(row => row.scrollWidth <= row.clientWidth)"
        ), size
    page.get_by_role("button", name="B is better").dblclick()
    expect(page.locator("#reveal")).to_be_focused()
    assert stored() == {"clear": "TIE", "accurate": "A"}
    assert Vote.objects.get().verdict == "B"
    expect(page.get_by_role("radio")).to_have_count(0)


def test_keys_in_a_question_answer_it_and_vote_for_nobody(page: Page, battle: Battle) -> None:
    write_down(battle)
    open_(page, battle)
    first = question(page, "Which answer is more accurate?").get_by_label("A", exact=True)
    first.focus()
    for key in ("Space", "ArrowRight", "Enter", "1", "s"):
        page.keyboard.press(key)
    expect(page.get_by_role("radio", checked=True)).to_have_accessible_name("Tie")
    page.wait_for_timeout(300)
    expect(page.locator("[aria-pressed=true]")).to_have_count(0)
    battle.refresh_from_db()
    assert battle.state == Battle.State.OPEN


@pytest.mark.parametrize("press", [True, False], ids=["Enter in a question", "the button"])
def test_without_scripts_answers_go_with_the_vote(
    chromium: Browser, live_server: LiveServer, battle: Battle, press: bool
) -> None:
    write_down(battle)
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    become(context, battle, live_server.url)
    page = context.new_page()
    page.goto(f"/battles/{battle.public_id}/")
    question(page, "Which answer is clearer?").get_by_role("radio", name="B", exact=True).check()
    if press:
        page.keyboard.press("Enter")
        page.wait_for_timeout(500)
        assert not Vote.objects.exists()
    page.get_by_role("button", name="Tie").click()
    expect(page.get_by_role("heading", name="Your vote: Tie")).to_be_visible()
    assert stored() == {"clear": "B"}
    context.close()
