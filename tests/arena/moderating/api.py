"""A local server that speaks OpenAI's moderations API as its reference documents it."""

from __future__ import annotations

import json
import sys
import time

from tests.inference.worker.backends.local_server import Body, LocalHandler, LocalServer

NAMES = (
    "harassment", "harassment/threatening", "hate", "hate/threatening", "illicit",
    "illicit/violent", "self-harm", "self-harm/instructions", "self-harm/intent", "sexual",
    "sexual/minors", "violence", "violence/graphic",
)  # fmt: skip
# What is flagged for which word of the input.
FLAGS = {"gore": ["violence", "violence/graphic"], "despair": ["self-harm"]}


class Server(LocalServer):
    """With a `status` other than 200 it refuses everything; it is silent for so long before, and
    says `instead` of any result."""

    def __init__(self, status: int = 200) -> None:
        super().__init__(Handler)
        self.status, self.silent_s, self.instead = status, 0.0, b""

    @property
    def base(self) -> str:
        return f"{self.url}/v1"


class Handler(LocalHandler):
    server: Server

    def answer(self, body: Body) -> None:
        if self.path != "/v1/moderations" or not isinstance(body.get("input"), str):
            return self._send(400, {"error": {"message": "Invalid input", "type": "invalid"}})
        if self.server.status != 200:
            return self._send(self.server.status, {"error": {"message": "Out of order."}})
        flagged = [name for word, names in FLAGS.items() if word in body["input"] for name in names]
        result = {
            "flagged": bool(flagged),
            "categories": {name: name in flagged for name in NAMES},
            "category_scores": {name: 0.9 if name in flagged else 1e-6 for name in NAMES},
            "category_applied_input_types": {name: ["text"] for name in NAMES},
        }
        self._send(200, {"id": "modr-1", "model": body.get("model"), "results": [result]})

    def _send(self, status: int, content: Body) -> None:
        time.sleep(self.server.silent_s)
        data = self.server.instead or json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


if __name__ == "__main__":  # to look at an arena with it
    with Server() as server:
        print(server.base, file=sys.stderr)
        server.serve_forever()
