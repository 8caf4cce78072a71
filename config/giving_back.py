"""Connections to the database that are given back before a response is sent. Django keeps one until
all of it is, and there are sixteen: as many responses that wait would keep everybody out, as those
that are larger than the system's buffers do for clients that read slowly.
"""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.db import close_old_connections

from .web_life import Application, Receive, Send


def given_back(application: Application) -> Application:
    """Wrap `application`, Django's, to give back the connection of its request's thread. What is
    written piece by piece takes another if it needs one."""

    async def answer(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        async def sent(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                await sync_to_async(close_old_connections)()
            await send(message)

        await application(scope, receive, sent)

    return answer
