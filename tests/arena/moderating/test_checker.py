"""A moderation API is asked by a real model worker; only the queue between them is the test's."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.test import Client

from arena import broker, tasks
from arena.battles import checks, turns
from arena.control.panels.checks import Checker
from arena.models import Answer, Battle, Flag, ModerationPolicy, Voter
from arena.moderating import checker, health
from inference.contract.presence import Heartbeat, publish, withdraw
from inference.contract.requests import GenerateRequest, key_service
from inference.worker.backends import Host
from inference.worker.service import Worker
from tests.arena.conftest import answer_all, result
from tests.inference.worker.backends.local_server import serving

from ...live.site import until
from .api import Server

pytestmark = pytest.mark.django_db
BEAT = Heartbeat("moderating", (key_service(""),), 8)


@pytest.fixture
def api(settings: Any) -> Iterator[Server]:
    with serving(Server()) as server:
        settings.MODERATION_URL, settings.MODERATION_MODEL = server.base, "omni-moderation-latest"
        settings.MODERATION_SECONDS = 2.5
        yield server


@pytest.fixture
def asked(
    api: Server, in_service: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[dict[str, Any]]]:
    """The results of what was asked; those of battles stay unanswered."""
    connection, results = broker.connection(), list[dict[str, Any]]()
    connection.delete(health.KEY)
    for key in connection.scan_iter("moderation:verdict:*"):
        connection.delete(key)
    worker = Worker(connection, Host(tmp_path, 10**9, slots=2, context=512), remote=True)
    threads = list[threading.Thread]()

    def send(name: str, args: list[Any], **_: Any) -> None:
        request = GenerateRequest.from_dict(args[0])
        if request.backend == "moderation":

            def work() -> None:
                results.append(worker.generate(request).to_dict())

            threads.append(threading.Thread(target=work))
            threads[-1].start()

    monkeypatch.setattr(current_app, "send_task", send)
    publish(connection, BEAT)
    yield results
    for thread in threads:
        thread.join()
    withdraw(connection, BEAT)
    worker.close()


def found(text: str) -> list[str]:
    return [one.category for one in checker.findings(text)]


def test_api_is_asked_in_its_own_terms(asked: Any, api: Server) -> None:
    assert found("Describe the gore and the despair") == ["self_harm", "violence"]
    assert found("A walk by the sea") == []
    assert api.asked == [
        {"model": "omni-moderation-latest", "input": "Describe the gore and the despair"},
        {"model": "omni-moderation-latest", "input": "A walk by the sea"},
    ]


def test_sending_a_prompt_after_its_warning_asks_the_api_once(
    asked: Any, api: Server, client: Client
) -> None:
    page = client.post("/battles/", {"prompt": "I feel despair"})
    assert (page.status_code, "988" in page.content.decode()) == (422, True)
    anyway = page.context["refusal"].anyway
    assert (
        client.post("/battles/", {"prompt": "I feel despair", "anyway": anyway}).status_code == 302
    )
    assert len(api.asked) == 1
    assert list(Flag.objects.values_list("category", "source", "proceeded")) == [
        ("self_harm", "CHECKER", True)
    ]


@pytest.mark.parametrize(
    ("action", "status", "kept"),
    [("OFF", 302, 0), ("LOG", 302, 1), ("WARN", 422, 0), ("BLOCK", 422, 1)],
)
def test_failing_checker_does_what_the_policy_says_and_staff_see_it(
    asked: list[dict[str, Any]], api: Server, client: Client, action: str, status: int, kept: int
) -> None:
    api.status = 401
    ModerationPolicy.objects.create(actions={"unchecked": action}, reason="test")
    assert client.post("/battles/", {"prompt": "Hi"}).status_code == status
    assert Flag.objects.filter(category="unchecked").count() == kept
    until(lambda: bool(asked), what="the result")
    tasks.record_check(asked[0])
    says = Checker().look()
    assert says is not None
    assert says.is_urgent
    assert says.title == "The checker has failed 1 time in a row"
    assert "Out of order." in says.about
    api.status = 200
    found("Hello again")
    until(lambda: len(asked) == 2, what="the result")
    tasks.record_check(asked[-1])
    assert Checker().look() is None


@pytest.mark.parametrize(
    ("failing", "reason"),
    [({"status": 500}, "The API answered 500: Out of order."),
     ({"instead": b"<html>Welcome"}, "that is not an answer"),
     ({"instead": b"{}"}, "it sent no results of a moderation"),
     ({"silent_s": 2.0}, "It did not answer in time.")],
)  # fmt: skip
def test_staff_are_told_how_the_api_fails(
    asked: list[dict[str, Any]], api: Server, settings: Any, failing: dict[str, Any], reason: str
) -> None:
    settings.MODERATION_SECONDS = 1.0
    vars(api).update(failing)
    assert found("Hi") == ["unchecked"]
    until(lambda: bool(asked), what="the result")
    tasks.record_check(asked[0])
    assert reason in health.look().reason


def test_api_that_is_not_there_is_a_failure(
    asked: list[dict[str, Any]], api: Server, settings: Any
) -> None:
    settings.MODERATION_URL, settings.MODERATION_SECONDS = "http://127.0.0.1:9/v1", 1.0
    assert found("Hi") == ["unchecked"]
    until(lambda: bool(asked), what="the result")
    tasks.record_check(asked[0])
    assert "nothing answers at this address" in health.look().reason


def test_text_is_tried_on_the_api_and_its_failure_shown(
    asked: list[dict[str, Any]], api: Server, admin_client: Client
) -> None:
    page = "/admin/arena/moderationpolicy/"
    said = admin_client.post(page, {"text": "I want to die of despair and gore"}).content.decode()
    assert f"the moderation API at {api.base} is asked" in said
    assert "Self-harm: warn, by the checker too" in unspaced(said)
    assert "Violence and threats: log, by the checker<" in unspaced(said)
    assert not Flag.objects.exists()
    api.instead = b"{}"
    said = admin_client.post(page, {"text": "A walk by the sea"}).content.decode()
    assert "Not checked, as the checker fails: log</li>" in unspaced(said)
    until(lambda: len(asked) == 2, what="the result")
    tasks.record_check(asked[-1])
    said = unspaced(admin_client.get(page).content.decode())
    assert "It has failed 1 time in a row: The API stopped early: it sent no results" in said
    assert "Until it answers again, prompts are sent, each with a flag." in said


def unspaced(page: str) -> str:
    return re.sub(r"\s+(?=<)", "", " ".join(page.split()))


def test_visitor_whose_prompt_cannot_be_checked_is_not_told_to_change_it(
    asked: list[dict[str, Any]], api: Server, client: Client
) -> None:
    api.instead = b"{}"
    ModerationPolicy.objects.create(actions={"unchecked": "WARN"}, reason="test")
    refusal = client.post("/battles/", {"prompt": "Hi"}).context["refusal"]
    assert refusal.asks == "Try again later, or send your prompt unchecked."


def test_checker_that_no_worker_serves_fails_at_once(asked: Any, api: Server) -> None:
    withdraw(broker.connection(), BEAT)
    assert found("Hi") == ["unchecked"]
    assert (api.asked, health.look().reason) == ([], "No model worker serves it now.")


def test_answers_are_checked_and_flagged_alike_without_a_trace_on_the_page(
    asked: list[dict[str, Any]], voter: Voter
) -> None:
    battle = turns.begin(voter, "Hi")
    answer_all(battle, "Much gore.")
    one = battle.turns.get().answers.get(side="B")
    checks.record(result(one, '["violence"]'), one.pk)
    battle.refresh_from_db()
    assert battle.state == Battle.State.OPEN
    flag = Flag.objects.get()
    assert (flag.about, flag.side, flag.action) == ("ANSWER", "B", "LOG")


@pytest.mark.parametrize(
    ("said", "categories"),
    [("safe", []), ("\n\nunsafe\nS11,S4", ["minors", "self_harm"]), ("unsafe", ["illicit"]),
     ('["pii", "law"]', ["personal"]), ("unsafe S6", []), ('["brand new"]', ["illicit"]),
     ('["flagged"]', ["illicit"])],
)  # fmt: skip
def test_reply_of_a_guard_model_is_read(said: str, categories: list[str]) -> None:
    assert checker.read(said) == categories


@pytest.mark.parametrize(
    ("said", "ended", "reason"),
    [("unsafe\nS1", "deadline", "It did not answer in time. It had said 'unsafe\\nS1'."),
     (" Sure! Here", "cancelled", "It did not answer in time. It had said 'Sure! Here'."),
     ("", "deadline", "It did not answer in time.")],
)  # fmt: skip
def test_half_a_verdict_is_none_and_staff_read_it(said: str, ended: str, reason: str) -> None:
    broker.connection().delete(health.KEY)
    late = {"stream": "s", "attempt": 1, "text": said, "finish_reason": ended, "total_s": 2.0}
    tasks.record_check(late)  # before anybody has noted that it failed
    assert health.look() == health.Health()
    health.failed(checker.LATE)
    tasks.record_check(late)
    assert health.look() == health.Health(1, reason)


def test_reply_that_is_no_verdict_is_a_failure() -> None:
    with pytest.raises(checker.Unanswered, match="no verdict"):
        checker.read("Sure! Here is a poem")


@pytest.mark.parametrize("side", ["A", "B"])
def test_blocked_answer_ends_the_battle_alike_for_both_sides(
    battle: Battle, browser: Client, side: str
) -> None:
    ModerationPolicy.objects.create(actions={"violence": "BLOCK"}, reason="test")
    answer_all(battle, "A calm sea.")
    Answer.objects.filter(turn__battle=battle, side=side).update(text="First, kill him.")
    checks.check(Answer.objects.select_related("turn__battle").get(turn__battle=battle, side=side))
    page = browser.get(f"/battles/{battle.public_id}/").content.decode()
    assert "cannot be shown here, so neither is" in page
    assert "kill him" not in page
    assert "A calm sea." not in page
