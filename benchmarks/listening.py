"""A volunteer's websocket that costs the measured machine next to nothing.

A real browser runs on another machine. This one shares two cores with what is measured, so it only
records bytes and their arrival times; they are decoded afterwards.
"""

from __future__ import annotations

import json
import time
from typing import Any

from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from tests.live.volunteer import Volunteer

Heard = list[tuple[float, dict[str, Any]]]  # frames, each with its time [s since the epoch]


class Ear(WSListener):
    def __init__(self) -> None:
        self.bytes: list[tuple[float, bytes]] = []

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.TEXT:
            self.bytes.append((time.time(), frame.get_payload_as_bytes()))
        elif frame.msg_type == WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code())
            transport.disconnect()


async def listen(volunteer: Volunteer, public_id: str) -> Heard:
    """All frames of a battle sent to the volunteer's browser, until the server closes."""
    ear = Ear()
    transport, _ = await ws_connect(
        lambda: ear,
        volunteer.socket_of(public_id),
        extra_headers={**volunteer.headers, "Origin": volunteer.url},
    )
    await transport.wait_disconnected()
    return [(at, json.loads(message)) for at, message in ear.bytes]
