"""What every live page's connection does: beat, speak the page's language, and end with a code that
says whether the browser should come back."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from abc import abstractmethod
from urllib.parse import parse_qs
from uuid import UUID

from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http.cookie import parse_cookie
from django.utils import translation
from uvicorn.protocols.utils import ClientDisconnected

from inference.contract import request_ids, traces

from .. import broker
from ..cookies import known
from ..limits import LIVE
from ..votes.voters import key_of
from .tails import Tails

OVER = 1000
TRY_AGAIN = 1013  # the browser does, with backoff
NOT_FOUND = 4404
AWAY = (*broker.AWAY, OperationalError, InterfaceError)  # broker or database unavailable
logger = logging.getLogger(__name__)
tails = Tails(settings.REDIS_URL)


class Sockets:
    """Those connected to this process; its event loop alone counts them."""

    number = 0


sockets = Sockets()


class LiveConsumer(AsyncJsonWebsocketConsumer):
    """One browser's connection to something that is being written."""

    running: asyncio.Task[None] | None = None
    ahead = 0.0  # of the broker's clock over this process's monotonic clock [s]

    @abstractmethod
    async def show(self) -> int:
        """Stream until it ends. Returns the close code."""

    async def connect(self) -> None:
        await self.accept()
        sockets.number += 1
        self.running = asyncio.create_task(self._run())

    async def receive(self, *_: object, **__: object) -> None:
        """Our pages say nothing, and what others say is not read."""

    async def disconnect(self, code: int) -> None:
        if self.running is not None:
            sockets.number -= 1
            self.running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.running

    async def _run(self) -> None:
        translation.activate(self._language())  # in this task only, as the next
        request_ids.set_current(self._request_id())
        beating = asyncio.create_task(self._beat())
        code = TRY_AGAIN
        try:
            with traces.piece("live page"):
                code = await self.show()
        except ClientDisconnected:
            return  # `disconnect` follows
        except AWAY as error:
            logger.warning("a live page broke off: %s", error)
        except Exception:  # the one last resort: the browser reconnects and resumes
            logger.exception("a live page broke off")
        finally:
            beating.cancel()
        with contextlib.suppress(ClientDisconnected):
            await self.close(code)

    async def _beat(self) -> None:
        with contextlib.suppress(ClientDisconnected):
            while True:
                await asyncio.sleep(LIVE.beat_s)
                await self.send_json({"op": "beat"})

    def now(self) -> float:
        """Seconds since the epoch by the broker's clock."""
        return time.monotonic() + self.ahead

    def set_clock(self) -> None:
        """Ask the broker once what time it is. Blocks."""
        self.ahead = broker.now() - time.monotonic()

    def _request_id(self) -> str:
        header = dict(self.scope["headers"]).get(request_ids.HEADER.lower().encode(), b"")
        is_trusted = settings.TRUSTED_PROXIES > 0
        return request_ids.chosen(header.decode("latin-1"), is_trusted=is_trusted)

    def _language(self) -> str:
        language = self.asked("lang")
        return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE

    def asked(self, name: str) -> str:
        """What the browser's address says."""
        query: dict[str, list[str]] = parse_qs(
            self.scope["query_string"].decode("ascii", "replace")
        )
        return query.get(name, [""])[0]

    def is_of_another_turn(self, last: int) -> bool:
        """Whether the page shows an older turn than the `last` one, begun in another tab since."""
        return self.asked("turn") not in ("", str(last))

    @property
    def public_id(self) -> str:
        return str(self.scope["url_route"]["kwargs"]["public_id"])

    @property
    def voter(self) -> UUID | None:
        """The key of the voter who is connected."""
        headers: dict[bytes, bytes] = dict(self.scope["headers"])
        return key_of(known(parse_cookie(headers.get(b"cookie", b"").decode("latin-1"))))
