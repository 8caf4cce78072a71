"""Servers with OpenAI's moderations API, such as Mistral's: the categories a text was flagged for.

The answer is the list of their names as JSON: `["hate", "sexual/minors"]`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from inference.contract.endings import FinishReason
from inference.contract.requests import Endpoint, GenerateRequest

from .events import DONE, Event
from .remote import RemoteBackend
from .replies import Part, Told
from .terms import Terms
from .wire import message_of

UNNAMED = "flagged"  # for what, it does not say


class Backend(RemoteBackend):
    name = "moderation"
    path = "/moderations"

    def headers(self, key: str) -> dict[str, str]:
        return {"authorization": f"Bearer {key}"} if key else {}

    def body(self, request: GenerateRequest, endpoint: Endpoint, terms: Terms) -> dict[str, Any]:
        model = {"model": endpoint.model} if endpoint.model else {}
        return {**model, "input": request.messages[-1]["content"]}

    def parts(self, event: Event, told: Told) -> Iterator[Part]:
        if event is DONE:
            return
        if failure := event.get("error") or (event.get("object") == "error" and event):
            told.failure = message_of(failure) or str(failure)
        elif (flagged := _flagged(event.get("results"))) is None:
            told.failure = "it sent no results of a moderation"
        else:
            told.finish_reason = FinishReason.STOP
            yield Part(json.dumps(flagged))


def _flagged(results: Any) -> list[str] | None:
    """Sorted; None if these are no results."""
    if not isinstance(results, list) or not results:
        return None
    found = set[str]()
    for each in results:
        categories = each.get("categories") if isinstance(each, dict) else None
        if not isinstance(categories, dict):
            return None
        names = {str(name) for name, is_flagged in categories.items() if is_flagged is True}
        found |= names or ({UNNAMED} if each.get("flagged") is True else set())
    return sorted(found)
