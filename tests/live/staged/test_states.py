"""Every state of a battle has words and a look, at every size, in both themes, for all readers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from arena.battles import voiding
from arena.generating.endings import STOPPED
from arena.models import Battle

from .conftest import Server, open_, write_down
from .looks import SIZES, examine

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def choice(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name)


# States: what brings the page there, and what it then says.


def waiting(page: Page, server: Server, battle: Battle) -> str:
    open_(page, battle)
    expect(choice(page, "Stop")).to_be_visible()
    return "Waiting for the first words of both answers."


def queued(page: Page, server: Server, battle: Battle) -> str:
    open_(page, battle)
    server.send(op="queue", message="3 answers are ahead of yours: about 40 s.")
    return "3 answers are ahead of yours: about 40 s."


def writing(page: Page, server: Server, battle: Battle) -> str:
    waiting(page, server, battle)
    server.text(20)
    expect(page.get_by_text("writing …")).to_have_count(2)
    return "Vote whenever you know: both answers end there."


def one_side_done(page: Page, server: Server, battle: Battle) -> str:
    writing(page, server, battle)
    server.text(21, complete="A")
    expect(page.get_by_text("writing …")).to_have_count(1)
    expect(page.locator(".progress", has_text="complete")).to_have_count(1)
    return "Vote whenever you know: both answers end there."


def lost(page: Page, server: Server, battle: Battle) -> str:
    writing(page, server, battle)
    page.evaluate("dispatchEvent(new Event('offline'))")
    expect(page.get_by_text("writing …")).to_have_count(0)
    return "Connection lost. Reconnecting …"


def ready(page: Page, server: Server, battle: Battle) -> str:
    write_down(battle)
    open_(page, battle)
    return "Which answer is better?"


def stopped(page: Page, server: Server, battle: Battle) -> str:
    writing(page, server, battle)
    server.send(op="ready", notes=dict.fromkeys("AB", STOPPED))
    expect(page.get_by_text(STOPPED)).to_have_count(2)
    return "Which answer is better?"


def cut(page: Page, server: Server, battle: Battle) -> str:
    write_down(battle, finish_reason="length")
    open_(page, battle)
    expect(page.get_by_text("This answer was cut off here.")).to_have_count(2)
    return "Which answer is better?"


def chosen(page: Page, server: Server, battle: Battle) -> str:
    ready(page, server, battle)
    choice(page, "A is better").click()
    expect(choice(page, "Undo")).to_be_visible()
    return "You chose: A is better. The names appear in a moment."


def unsent(page: Page, server: Server, battle: Battle) -> str:
    ready(page, server, battle)
    page.context.set_offline(True)
    choice(page, "Tie").dblclick()
    return "No connection: your choice is kept and sent later."


def void(page: Page, server: Server, battle: Battle) -> str:
    writing(page, server, battle)
    server.send(op="void", message=voiding.GONE)
    expect(choice(page, "Stop")).to_have_count(0)
    return voiding.GONE


def skipped(page: Page, server: Server, battle: Battle) -> str:
    ready(page, server, battle)
    choice(page, "Can’t tell").dblclick()
    expect(page.locator("#skipped")).to_be_focused()
    return "You skipped this battle. It counts for neither model, so both stay unnamed."


STATES = (
    waiting, queued, writing, one_side_done, lost, ready, stopped, cut, chosen, unsent, void,
    skipped,
)  # fmt: skip


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_state_says_what_it_is_at_every_size(
    state: Callable[[Page, Server, Battle], str],
    page: Page,
    server: Server,
    battle: Battle,
) -> None:
    said = state(page, server, battle)
    expect(page.get_by_role("status").filter(has_text=said)).to_have_count(1)
    for size in examine(page, f"state-{state.__name__}"):
        if size != "desk":
            tall = page.evaluate("document.querySelector('.verdict')?.offsetHeight ?? 0")
            assert tall <= 0.15 * SIZES[size][1], size
    page.keyboard.press("Escape")
    expect(page.locator("[aria-pressed=true]")).to_have_count(0)
