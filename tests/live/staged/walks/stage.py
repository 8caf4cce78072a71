"""What a walk plays in: the rows it starts from, and the part of model workers and connections."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from playwright.sync_api import Page

from arena.generating.endings import STOPPED
from arena.models import (
    Campaign,
    ChatTurn,
    Contestant,
    PreparedAnswer,
    Prompt,
    PromptSuggestion,
    Reply,
    Turn,
)
from tests import factories
from tests.arena.streams import Script

from ...site import until
from ..conftest import TEXT, Server, write_down

NAMES = ("Xylo", "Quetzal")
SUGGESTION = "Explain [the tides] to a child."
FIRST = " ".join(TEXT.split()[:20]) + " "


def set_up() -> None:
    """Two models, a suggestion, and a campaign with two pairs to judge."""
    Campaign.objects.create(slug="arena", name="The arena")
    PromptSuggestion.objects.all().delete()  # those of a new arena
    PromptSuggestion.objects.create(text=SUGGESTION, category="EXPLAINING")
    ready = Campaign.objects.create(
        slug="ready", name="Proverbs", kind=Campaign.Kind.PREPARED, description="Old wisdom."
    )
    prompts = [
        Prompt.objects.create(campaign=ready, key=text, text=f"What does {text} do?")
        for text in ("still water", "a rolling stone")
    ]
    for name in NAMES:
        revision = factories.revision(
            factories.contestant(name, state=Contestant.State.ACTIVE), weights=weights_of(name)
        )
        for prompt in prompts:
            PreparedAnswer.objects.create(
                prompt=prompt, revision=revision, state="DONE", text=f"Nobody knows. {TEXT}"
            )


def weights_of(name: str) -> str:
    return f"{name.lower()}-weights"


class Stage:
    """Answers a visitor's newest prompt, on their page too if it has scripts."""

    def __init__(self, server: Server, page: Page, *, has_scripts: bool) -> None:
        self.server, self.page, self.has_scripts = server, page, has_scripts

    def begin(self) -> None:
        """The first words of both sides."""
        turn = Turn.objects.latest("pk")
        script = Script(turn.battle)
        for side in script.answers:
            script.say(side, FIRST, ago=30)
        if self._is_connected(turn.battle.public_id, turn.number):
            self.server.text(20)

    def end(self) -> None:
        """Both answers, complete."""
        turn = Turn.objects.latest("pk")
        write_down(turn.battle)
        if self._is_connected(turn.battle.public_id, turn.number):
            self.server.text(30)
            self.server.send(op="ready", notes={"A": "", "B": ""})

    def end_here(self, lines: int) -> None:
        """Both were stopped; the page connects again to hear of it."""
        if self.has_scripts:
            self._until(lambda: len(self.server.lines) > lines)
            self.server.send(op="ready", notes=dict.fromkeys("AB", STOPPED))

    def reply(self) -> None:
        """What the models of the newest chat say."""
        turn = ChatTurn.objects.latest("pk")
        done = {"state": Reply.State.DONE, "text": TEXT, "finish_reason": "stop"}
        turn.replies.update(**done, dispatched=timezone.now())
        if self._is_connected(turn.chat.public_id, turn.number):
            self.server.text(30)
            self.server.send(op="ready", notes={"A": "", "B": ""}, goes_on=True)

    @property
    def lines(self) -> int:
        return len(self.server.lines)

    def _is_connected(self, public_id: object, turn: int) -> bool:
        def is_watched() -> bool:
            url = self.server.lines[-1].url if self.server.lines else ""
            return f"/{public_id}/" in url and f"turn={turn}&" in url

        if self.has_scripts:
            self._until(is_watched)
        return self.has_scripts

    def _until(self, check: Any) -> None:
        """While Playwright is asked something, what has happened reaches the test."""
        until(lambda: self.page.evaluate("true") and check(), "a connection")
