"""Whoever reads slowly keeps no connection to the database."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from config.asgi import pages
from config.giving_back import given_back
from config.web_life import Application

Message = dict[str, Any]
PAGE: Message = {
    "type": "http", "http_version": "1.1", "method": "GET", "path": "/", "raw_path": b"/",
    "query_string": b"", "root_path": "", "scheme": "http", "server": ("localhost", 80),
    "headers": [(b"host", b"localhost")], "client": ("198.51.100.7", 4711),
}  # fmt: skip


async def kept_while_sent(application: Application) -> list[bool]:
    """Whether the thread of the request has a connection, with each part of its page."""
    found = list[bool]()
    asked = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Message:
        if (message := next(asked, None)) is None:
            await asyncio.Event().wait()
        assert message is not None
        return message

    async def send(message: Message) -> None:
        assert message.get("status", 200) == 200
        found.append(await sync_to_async(lambda: connection.connection is not None)())

    await asyncio.wait_for(application(PAGE, receive, send), 60)
    return found


@pytest.mark.django_db(transaction=True)
def test_connection_is_given_back_before_the_page_is_sent() -> None:
    assert asyncio.run(kept_while_sent(pages)) == [True, True], "Django has come to do so itself"
    assert asyncio.run(kept_while_sent(given_back(pages))) == [False, False]
