"""One id from the proxy to the stream of an answer, in every line of the log."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from celery import Celery
from django.conf import settings
from django.test import Client

from arena.generating.receiving import Receiver
from config import celery, scrubbing
from inference.contract import request_ids, results
from inference.contract.requests import GenerateRequest, GenerateResult

GIVEN = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[StringIO]:
    """In JSON, all of it."""
    scrubbing._secrets.cache_clear()
    said, root = StringIO(), logging.getLogger()
    handler = logging.StreamHandler(said)
    handler.setFormatter(scrubbing.Json())
    requests = logging.getLogger("evenhand.requests")
    monkeypatch.setattr(requests, "level", logging.INFO)
    root.manager._clear_cache()  # type: ignore[attr-defined]
    root.addHandler(handler)
    yield said
    root.removeHandler(handler)
    root.manager._clear_cache()  # type: ignore[attr-defined]


def lines(log: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_line_is_an_object_without_secrets_whatever_is_in_it(log: StringIO) -> None:
    logger, secret = logging.getLogger("arena.some"), settings.SECRET_KEY
    with request_ids.of(GIVEN):
        try:
            raise ValueError(f"wrong:\n{secret}")
        except ValueError:
            logger.exception('it "was" %s,\nso \u2028', secret)
    logger.warning("nobody asked")
    failed, other = lines(log)
    assert failed["message"] == f'it "was" {scrubbing.HIDDEN},\nso \u2028'
    assert failed["exception"].endswith(f"ValueError: wrong:\n{scrubbing.HIDDEN}")
    assert (failed["level"], failed["logger"]) == ("ERROR", "arena.some")
    assert failed["request_id"] == GIVEN
    assert {"time", "host", "pid"} <= failed.keys()
    assert not {"request_id", "exception"} & other.keys()
    assert secret not in log.getvalue()


def test_a_refused_request_has_no_traceback(log: StringIO) -> None:
    try:
        raise ValueError("Invalid HTTP_HOST header")
    except ValueError as error:
        logging.getLogger("django.security.DisallowedHost").error("refused", exc_info=error)
    [line] = lines(log)
    assert "exception" not in line


@pytest.mark.django_db
def test_the_id_of_a_trusted_proxy_alone_is_taken(
    client: Client, log: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    for proxies, given in ((1, GIVEN), (0, GIVEN), (1, "<script>"), (1, "x" * 65), (1, None)):
        monkeypatch.setattr(settings, "TRUSTED_PROXIES", proxies)
        headers = {request_ids.HEADER: given} if given else {}
        assert request_ids.HEADER not in client.get("/about/", headers=headers)
    told = [line for line in lines(log) if line["logger"] == "evenhand.requests"]
    ids = [line["request_id"] for line in told]
    assert ids[0] == GIVEN
    assert len({*ids}) == len(ids) == 5
    assert all(len(each) == 32 and each.isalnum() for each in ids)
    assert {line["view"] for line in told} == {"about"}
    assert {line["status"] for line in told} == {200}


@pytest.mark.django_db
def test_a_page_that_failed_has_its_id(client: Client, log: StringIO) -> None:
    failed = client.get("/healthz")  # nothing else is running
    assert failed.status_code == 503
    assert failed[request_ids.HEADER] == lines(log)[0]["request_id"]


@pytest.mark.django_db
def test_addresses_are_not_logged(client: Client, log: StringIO) -> None:
    """Those of invitations are secrets. (Django itself names one that there is none of.)"""
    client.get("/campaigns/?guest=a-secret-code")
    assert [line["view"] for line in lines(log)] == ["campaigns"]
    assert "a-secret-code" not in log.getvalue()


def test_a_task_has_the_id_of_whoever_sent_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Through a real message: as it is packed, and as a worker unpacks it."""
    app, seen = Celery("some", set_as_current=False), []
    app.conf.update(task_always_eager=False, broker_url="memory://", task_ignore_result=True)

    @app.task(name="some.task")
    def look() -> None:
        seen.append(request_ids.current())

    sent: Any = look
    with app.connection_for_write() as connection:
        queue = app.amqp.queues[app.conf.task_default_queue].bind(connection.default_channel)
        queue.declare()
        with request_ids.of(GIVEN):
            sent.apply_async(connection=connection)
        sent.apply_async(connection=connection)
        for _ in range(2):
            message = queue.get(no_ack=True)
            assert message is not None
            look.request_stack.push(_request(message.headers))
            celery.take_up(task=look)
            look.run()
            celery.put_down(task=look)
            look.request_stack.pop()
    assert seen == [GIVEN, ""]
    assert request_ids.current() == ""


def _request(headers: dict[str, Any]) -> Any:
    from celery.app.task import Context

    return Context(headers)


def test_a_worker_is_given_the_id_and_hands_it_back() -> None:
    request = GenerateRequest("stream", 1, "some-weights", [], request_id=GIVEN)
    assert GenerateRequest.from_dict(request.to_dict()).request_id == GIVEN
    older = {name: value for name, value in request.to_dict().items() if name != "request_id"}
    assert GenerateRequest.from_dict(older).request_id == ""


@pytest.mark.parametrize(("said", "taken"), [(GIVEN, GIVEN), ("no id\n", ""), (7, ""), (None, "")])
def test_the_task_of_a_result_has_the_id_that_its_worker_hands_back(
    said: object, taken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from arena.generating import tickets

    request = GenerateRequest("stream", 1, "some-weights", [])
    ticket = tickets.of(request, "some.task", {})
    result = {**GenerateResult("stream", 1).to_dict(), "request_id": said}
    posted = results.Posted(b"1-1", ticket, json.dumps(result).encode())
    sent: list[str] = []

    class App:
        def send_task(self, *_: Any, **__: Any) -> None:
            sent.append(request_ids.current())

    Receiver(App(), None)._pass_on(posted)  # type: ignore[arg-type]
    assert sent == [taken]
