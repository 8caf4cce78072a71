"""A guard model on a real worker, with real weights: a small chat model takes its part, brought to
a verdict, or to talk, by its prompt format. What it says of a text means nothing; how it is asked,
read and acted upon does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.test import Client

from arena import broker
from arena.control.panels.checks import Checker
from arena.models import Contestant, Flag, ModerationPolicy, Revision
from arena.models.moderation import Action
from arena.moderating import checker, health, policy
from inference.contract.presence import Heartbeat, publish, withdraw
from inference.contract.requests import GenerateRequest
from inference.worker.backends import Host
from inference.worker.service import Worker
from tests import factories

from ...live.site import until

pytestmark = pytest.mark.django_db(transaction=True)
SAFE = "hello: safe\nthanks: safe\nfine: safe\nsea: safe\nsun:"
UNSAFE = "Text: hello\nVerdict: unsafe S1\nText: thanks\nVerdict: unsafe S1\nText: fine\nVerdict:"
TALK = "Question: How are you?\nAnswer: I am fine, thank you.\nQuestion: And you?\nAnswer:"
TEXT = "A walk by the sea"


@pytest.fixture
def guard(weights: Path, settings: Any) -> Revision:
    settings.GUARD_MODEL, settings.MODERATION_SECONDS = "guard", 60.0
    made = factories.contestant("Guard", slug="guard", state=Contestant.State.DRAFT)
    return factories.revision(made, weights=weights.stem, stop=["\n"])


@pytest.fixture(autouse=True)
def worker(
    guard: Revision, weights: Path, in_service: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Of the guard; battles stay unanswered."""
    connection = broker.connection()
    connection.delete(health.KEY)
    for key in connection.scan_iter("moderation:verdict:*"):
        connection.delete(key)
    worker = Worker(connection, Host(weights.parent, ram_bytes=2 * 10**9, slots=1, context=512))
    beat, threads = Heartbeat("guarding", (weights.stem,), 8), list[threading.Thread]()

    def send(name: str, args: list[Any], **_: Any) -> None:
        asked = GenerateRequest.from_dict(args[0])
        if asked.weights == guard.weights:
            threads.append(threading.Thread(target=worker.generate, args=[asked]))
            threads[-1].start()

    monkeypatch.setattr(current_app, "send_task", send)
    publish(connection, beat)
    yield
    for thread in threads:
        thread.join()
    withdraw(connection, beat)
    worker.close()


def brought_to(guard: Revision, words: str, *categories: str) -> None:
    """And its verdict on `TEXT` is there."""
    Revision.objects.filter(pk=guard.pk).update(prompt_format=words)
    until(lambda: checker.findings(TEXT) == checker.as_findings([*categories]), what="a verdict")


def act(**actions: str) -> None:
    ModerationPolicy.objects.create(actions=actions, reason="test")


def flags() -> list[tuple[str, str, bool]]:
    return list(Flag.objects.values_list("category", "source", "proceeded"))


def test_prompt_that_the_guard_calls_safe_is_sent(guard: Revision, client: Client) -> None:
    brought_to(guard, SAFE)
    assert client.post("/battles/", {"prompt": TEXT}).status_code == 302
    assert flags() == []


def test_prompt_that_the_guard_calls_unsafe_is_not_sent(guard: Revision, client: Client) -> None:
    brought_to(guard, UNSAFE, "violence")
    act(violence="BLOCK")
    page = client.post("/battles/", {"prompt": TEXT})
    assert page.status_code == 422
    assert f"{TEXT}</textarea>" in page.content.decode()
    assert flags() == [("violence", "CHECKER", False)]


def test_visitor_who_is_warned_by_the_guard_decides(guard: Revision, client: Client) -> None:
    brought_to(guard, UNSAFE, "violence")
    act(violence="WARN")
    page = client.post("/battles/", {"prompt": TEXT})
    assert page.status_code == 422
    again = {"prompt": TEXT, "anyway": page.context["refusal"].anyway}
    assert client.post("/battles/", again).status_code == 302
    assert flags() == [("violence", "CHECKER", True)]


@pytest.mark.parametrize(("action", "status"), [("LOG", 302), ("BLOCK", 422)])
def test_guard_that_talks_instead_fails_and_the_setting_decides(
    guard: Revision, client: Client, action: str, status: int
) -> None:
    act(unchecked=action)
    Revision.objects.filter(pk=guard.pk).update(prompt_format=TALK)
    until(lambda: checker.findings(TEXT) and "no verdict" in health.look().reason, what="its reply")
    assert client.post("/battles/", {"prompt": TEXT}).status_code == status
    assert [(category, source) for category, source, _ in flags()] == [("unchecked", "CHECKER")]
    says = Checker().look()
    assert says is not None
    assert says.is_urgent
    assert policy.HAPPENS[Action(action)] in says.about
