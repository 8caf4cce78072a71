"""Kinds of visitors: how each acts on a page, and what must hold at every step for them."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlparse

from playwright.sync_api import Locator, Page, expect

from ..looks import examine
from . import measures


class Visitor:
    """With a mouse and a usual window. `look` is called wherever a walk arrives."""

    options: ClassVar[dict[str, Any]] = {"viewport": {"width": 1280, "height": 900}}
    has_scripts = True
    script = ""  # runs on each page before its own

    def __init__(self, page: Page) -> None:
        self.page = page

    # What they find

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def link(self, name: str) -> Locator:
        return self.page.get_by_role("link", name=name).first

    def field(self, label: str) -> Locator:
        return self.page.get_by_label(label)

    def heading(self, name: str) -> Locator:
        return self.page.get_by_role("heading", name=name)

    def text(self, words: str) -> Locator:
        return self.page.get_by_text(words).first

    # What they do

    def go(self, address: str) -> None:
        self.page.goto(address)
        self.look()

    def go_back(self) -> None:
        self.page.go_back()

    def press(self, target: Locator) -> None:
        target.click()

    def tick(self, target: Locator) -> None:
        self.press(target)

    def write(self, target: Locator, text: str) -> None:
        target.fill(text)

    def pick(self, target: Locator, name: str) -> None:
        target.select_option(label=name)

    def choose(self, verdict: str) -> None:
        """A second press does not wait until the choice can no longer be taken back."""
        self.press(self.button(verdict))
        self.look()
        self.press(self.button(verdict))

    def think_twice(self, verdict: str) -> None:
        self.press(self.button(verdict))
        self.see(self.button("Undo"))
        self.press(self.button("Undo"))
        expect(self.button("Undo")).to_be_hidden()
        self.look()

    def save(self) -> None:
        """It saves itself."""
        self.see(self.page.get_by_text("Saved", exact=True))

    def give_code(self, box: Locator, code: str) -> None:
        """The link has brought it."""
        expect(box).to_have_value(code)

    # What they see

    def see(self, target: Locator) -> None:
        expect(target).to_be_visible()
        self.look()

    def wait(self, target: Locator) -> None:
        """For what appears by itself."""
        self.see(target)

    def look(self) -> None:
        pass

    def none(self, measure: str) -> None:
        self.page.wait_for_load_state()  # before it, styles may be missing
        found = self.page.evaluate(measure)
        assert not found, found


class WithKeyboard(Visitor):
    """Without a mouse: sees where the focus is, and never loses it."""

    script = measures.NO_MOUSE

    def press(self, target: Locator) -> None:
        self.reach(target)
        self.page.keyboard.press("Enter")

    def tick(self, target: Locator) -> None:
        self.reach(target)
        self.page.keyboard.press("Space")

    def write(self, target: Locator, text: str) -> None:
        self.reach(target)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def pick(self, target: Locator, name: str) -> None:
        self.reach(target)
        self.page.keyboard.type(name)
        expect(target.locator("option:checked")).to_have_text(name)

    def reach(self, target: Locator) -> None:
        """Tab forward, as long as a page is; what has the focus can be seen each time."""
        expect(target).to_be_visible()
        for _ in range(120):
            if target.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
            self.none(measures.UNSEEN_FOCUS)
        raise AssertionError(f"no Tab leads to {target}")

    def look(self) -> None:
        self.none(measures.MOUSE_USED)
        self.none(measures.LOST_FOCUS)
        self.none(measures.LEAPS)


class WithoutMotion(Visitor):
    """Has asked for reduced motion."""

    options: ClassVar = {**Visitor.options, "reduced_motion": "reduce"}
    script = measures.NOTE_MOTION

    def look(self) -> None:
        self.none(measures.MOTION)


class Zoomed(Visitor):
    """Sees a window of 1280 x 900 pixels at 200 %."""

    options: ClassVar = {"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2}

    def look(self) -> None:
        self.none(measures.CUT)
        assert self.page.evaluate(measures.BAR) <= measures.MOST_BAR


class OnPhone(Visitor):
    """Taps."""

    options: ClassVar = {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 3,
        "is_mobile": True,
        "has_touch": True,
    }

    def press(self, target: Locator) -> None:
        target.tap()

    def look(self) -> None:
        self.none(measures.CUT)
        assert self.page.evaluate(measures.BAR) <= measures.MOST_BAR
        self.none(measures.SMALL_TARGETS)


class WithoutScripts(Visitor):
    """Forms only; reloads to see what is new."""

    options: ClassVar = {**Visitor.options, "java_script_enabled": False}
    has_scripts = False

    def choose(self, verdict: str) -> None:
        self.press(self.button(verdict))

    def think_twice(self, verdict: str) -> None:
        assert "Your vote is stored at once and cannot be changed." in self.page.content()

    def save(self) -> None:
        self.press(self.button("Save"))

    def give_code(self, box: Locator, code: str) -> None:
        self.write(box, code)

    def wait(self, target: Locator) -> None:
        for _ in range(20):
            if target.is_visible():
                break
            self.page.wait_for_timeout(250)
            self.page.reload()
        self.see(target)

    def look(self) -> None:
        """Nothing is offered that would do nothing."""
        for button in self.page.locator("button[type=button]").all():
            expect(button).to_be_hidden()


class Critic(WithoutMotion):
    """Looks at every page, at every size, in both themes."""

    places = 0

    def see(self, target: Locator) -> None:
        super().see(target)
        self.places += 1
        path = urlparse(self.page.url).path.strip("/").partition("/")[0] or "home"
        for _size in examine(self.page, f"walk-{self.places:02}-{path}"):
            pass


KINDS = (WithKeyboard, WithoutMotion, Zoomed, OnPhone, WithoutScripts, Critic)
