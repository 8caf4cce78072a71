"""Anthropic's messages API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from inference.contract.endings import FinishReason
from inference.contract.requests import Endpoint, GenerateRequest

from .events import DONE, Event
from .remote import RemoteBackend
from .replies import Part, Told
from .terms import Terms
from .wire import message_of

VERSION = "2023-06-01"
REASONS = {
    "max_tokens": FinishReason.LENGTH,
    "model_context_window_exceeded": FinishReason.LENGTH,
    "refusal": FinishReason.FILTERED,
}


class Backend(RemoteBackend):
    name = "anthropic"
    who = "Anthropic"
    path = "/v1/messages"

    def headers(self, key: str) -> dict[str, str]:
        return {"anthropic-version": VERSION, **({"x-api-key": key} if key else {})}

    def first_terms(self, endpoint: Endpoint, request: GenerateRequest) -> Terms:
        return Terms(thinks="thinking" in request.sampling)

    def body(self, request: GenerateRequest, endpoint: Endpoint, terms: Terms) -> dict[str, Any]:
        messages = terms.messages(request.messages)
        system = [m["content"] for m in messages if m["role"] == "system"]  # a parameter here
        return terms.applied(
            {
                "model": endpoint.model,
                "messages": [m for m in messages if m["role"] != "system"],
                "max_tokens": terms.most_tokens(request),
                "stream": True,
                **({"system": "\n\n".join(system)} if system else {}),
                **({"stop_sequences": request.stop} if request.stop else {}),
                **request.sampling,
            }
        )

    def parts(self, event: Event, told: Told) -> Iterator[Part]:
        match event.get("type"):
            case "error":
                told.failure = message_of(event) or "an error without a message"
            case "message_start":
                message = _object(event.get("message"))
                told.count(prompt_tokens=_object(message.get("usage")).get("input_tokens"))
            case "message_delta":
                told.count(completion_tokens=_object(event.get("usage")).get("output_tokens"))
                _end(_object(event.get("delta")).get("stop_reason"), told)
            case "content_block_start":
                yield from _block(_object(event.get("content_block")))
            case "content_block_delta":
                yield from _block(_object(event.get("delta")))
            case "message":  # a whole answer, though a stream was requested
                usage = _object(event.get("usage"))
                told.count(
                    prompt_tokens=usage.get("input_tokens"),
                    completion_tokens=usage.get("output_tokens"),
                )
                content = event.get("content")
                for block in content if isinstance(content, list) else []:
                    yield from _block(_object(block))
                _end(event.get("stop_reason"), told)
            case "message_stop":
                told.finish_reason = told.finish_reason or FinishReason.STOP
            case None if event is DONE:
                told.finish_reason = told.finish_reason or FinishReason.STOP
            case None if "error" in event:
                told.failure = message_of(event) or "an error without a message"


def _block(block: Event) -> Iterator[Part]:
    for name in ("thinking", "text"):
        if isinstance(text := block.get(name), str) and text:
            yield Part(text, is_thought=name == "thinking")


def _end(reason: Any, told: Told) -> None:
    if isinstance(reason, str) and reason:
        told.finish_reason = REASONS.get(reason, FinishReason.STOP)


def _object(value: Any) -> Event:
    return value if isinstance(value, dict) else {}
