"""A volunteer without a browser: pages over HTTP, answers over the websocket.

Keeps every byte that the server sent, for the tests of blindness.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Self

import httpx
from websockets.exceptions import ConnectionClosedError
from websockets.frames import CloseCode
from websockets.sync.client import connect
from websockets.typing import Origin

COME_BACK = (CloseCode.TRY_AGAIN_LATER, CloseCode.SERVICE_RESTART)
CERTIFICATES = httpx.create_ssl_context()  # loaded once, as it takes longer than a page


class Volunteer:
    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.Client(base_url=url, timeout=30, verify=CERTIFICATES)
        self.received: list[bytes] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def get(self, path: str) -> httpx.Response:
        return self._kept(self.http.get(path))

    def post(self, path: str, **fields: str) -> httpx.Response:
        if "csrftoken" not in self.http.cookies:
            self.get("/")
        fields["csrfmiddlewaretoken"] = self.http.cookies["csrftoken"]
        return self._kept(self.http.post(path, data=fields))

    def begin(self, prompt: str) -> str:
        """Start a battle; its public id."""
        response = self.post("/battles/", prompt=prompt)
        assert response.status_code == 302, readable(response)
        return response.headers["location"].strip("/").split("/")[-1]

    def follow_up(self, battle: str, prompt: str) -> httpx.Response:
        return self.post(f"/battles/{battle}/turns/", prompt=prompt)

    def vote(self, battle: str, verdict: str) -> httpx.Response:
        return self.post(f"/battles/{battle}/vote/", verdict=verdict)

    def socket_of(self, battle: str) -> str:
        """The address of a battle's websocket."""
        return f"{self.url.replace('http', 'ws', 1)}/ws/battles/{battle}/"

    @property
    def headers(self) -> dict[str, str]:
        """The headers that identify the voter to a websocket."""
        cookies = self.http.cookies.items()
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies)}

    def watch(self, battle: str, at: str = "") -> Iterator[dict[str, Any]]:
        """The frames of a live battle, from the given position on, until the server closes.

        So is an end after which a browser would reconnect: "try again later", or that of a web
        process that is told to stop.
        """
        address = f"{self.socket_of(battle)}?at={at}"
        with connect(address, additional_headers=self.headers, origin=Origin(self.url)) as socket:
            self.received.append(str(socket.response.headers if socket.response else "").encode())
            try:
                for message in socket:
                    self.received.append(message.encode() if isinstance(message, str) else message)
                    yield json.loads(message)
            except ConnectionClosedError as closed:
                if closed.rcvd is None or closed.rcvd.code not in COME_BACK:
                    raise

    def finish(self, battle: str) -> dict[str, list[str]]:
        """Watch to the end; returns the blocks that each pane shows then."""
        panes: dict[str, list[str]] = {"A": [], "B": []}
        for frame in self.watch(battle):
            apply(panes, frame)
        return panes

    def _kept(self, response: httpx.Response) -> httpx.Response:
        head = f"{response.status_code} {response.reason_phrase} {response.headers.multi_items()}"
        self.received += [head.encode(), response.content]
        return response


def apply(panes: dict[str, list[str]], frame: dict[str, Any]) -> None:
    """Apply a frame as the browser's script does."""
    for pane in frame.get("panes", []):
        put(panes[pane["side"]], pane)


def put(shown: list[str], pane: dict[str, Any]) -> None:
    """The same for one pane, whose blocks are `shown`."""
    keep, new = pane["keep"], list(pane["blocks"])
    if pane["from"]:
        new[0] = shown[keep][: pane["from"]] + new[0]
    shown[keep:] = new


def readable(response: httpx.Response) -> str:
    """The error message of a page, or the beginning of the page."""
    found = re.search(r'role="alert"[^>]*>\s*<p>(.*?)</p>', response.text, re.DOTALL)
    return found[1] if found else response.text[:300]
