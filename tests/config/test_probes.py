"""What load balancers and Kubernetes ask a web process, whatever host they name."""

from __future__ import annotations

import asyncio
from threading import Event
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.core.asgi import get_asgi_application
from django.db import connection

from arena import broker
from arena.pages import health
from config.web_life import with_probes
from inference.contract.broker import connect


def asked(path: str) -> tuple[int, str]:
    """Status and text, without host, proxy or cookie."""
    sent: list[dict[str, Any]] = []

    async def none(*_: Any) -> None:
        raise AssertionError("passed on to the pages")

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(with_probes(none)({"type": "http", "path": path}, none, send))  # type: ignore[arg-type]
    return sent[0]["status"], sent[1]["body"].decode()


@pytest.fixture
def lacking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither database nor broker."""

    def late(patience_s: float) -> None:
        raise TimeoutError

    monkeypatch.setattr(health._question, "answer", late)
    monkeypatch.setattr(broker, "connection", lambda: connect("redis://127.0.0.1:1"))


@pytest.mark.parametrize("path", ["/livez", "/healthz/live"])
@pytest.mark.usefixtures("lacking")
def test_process_lives_whatever_it_lacks(path: str) -> None:
    assert asked(path) == (200, "ok\n")


@pytest.mark.django_db(transaction=True)
def test_process_is_ready_with_database_tables_and_queue() -> None:
    assert asked("/readyz") == (200, "ok\n")


@pytest.mark.usefixtures("lacking")
def test_process_is_not_ready_without_database_and_queue() -> None:
    assert asked("/readyz") == (503, f"{health.DATABASE}\n{health.BROKER}\n")


@pytest.mark.django_db(transaction=True)
def test_process_is_not_ready_before_the_tables_are_migrated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(health, "_migrated", Event())
    newest = "SELECT max(id) FROM django_migrations WHERE app = 'arena'"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT name FROM django_migrations WHERE id = ({newest})")
        [name] = cursor.fetchone()
        change = "UPDATE django_migrations SET name = %s WHERE app = 'arena' AND name = %s"
        cursor.execute(change, ["of-another-release", name])
    try:
        for path in ("/readyz", "/", "/static/css/base.css", "/healthz"):
            assert asked(path) == (503, f"{health.TABLES}\n")
    finally:
        with connection.cursor() as cursor:
            cursor.execute(change, [name, "of-another-release"])
    assert asked("/readyz") == (200, "ok\n")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("host", ["10.0.0.7:8000", "[fd00::7]", "elsewhere.example"])
def test_health_is_told_by_whatever_name_monitoring_knows(host: str) -> None:
    async def ask(path: str) -> tuple[int, bytes]:
        scope = {"type": "http", "method": "GET", "path": path, "query_string": b"",
                 "headers": [(b"host", host.encode())]}  # fmt: skip
        pages: Any = get_asgi_application()
        site: Any = ApplicationCommunicator(with_probes(pages), scope)  # type: ignore[no-untyped-call]
        await site.send_input({"type": "http.request"})
        start, page = await site.receive_output(30), await site.receive_output(30)
        await site.wait()
        return start["status"], page["body"]

    assert b'"problems"' in asyncio.run(ask("/healthz"))[1]
    assert asyncio.run(ask("/about/"))[0] == 400
