"""Anthropic's messages API."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import anthropic

from inference.engine import FinishReason
from inference.keys import key_of
from inference.requests import Endpoint, GenerateRequest

from . import Host
from .remote import RETRIES, Events, RemoteBackend, Usage, refused, unreachable

REASONS = {
    "max_tokens": FinishReason.LENGTH,
    "model_context_window_exceeded": FinishReason.LENGTH,
    "refusal": FinishReason.FILTERED,
}


class Backend(RemoteBackend):
    def __init__(self, host: Host) -> None:
        self._connections = anthropic.DefaultAsyncHttpxClient()
        super().__init__(host, self._connections.aclose)

    def describe(self, request: GenerateRequest) -> str:
        return f"anthropic {version('anthropic')}"

    async def ask(self, request: GenerateRequest, endpoint: Endpoint) -> Events:
        client = anthropic.AsyncAnthropic(
            api_key=key_of(endpoint),
            base_url=endpoint.url or None,
            timeout=endpoint.timeout_s,
            max_retries=RETRIES,
            http_client=self._connections,
        )
        try:
            events: Events = await client.messages.create(**arguments(request, endpoint))
        except anthropic.APIStatusError as error:
            raise refused("Anthropic", error.status_code, error.message) from error
        except anthropic.APIConnectionError as error:
            raise unreachable("Anthropic", error) from error
        return events

    def text_of(self, event: Any, usage: Usage) -> str:
        match event.type:
            case "message_start":
                usage.prompt_tokens = event.message.usage.input_tokens
            case "message_delta":
                usage.completion_tokens = event.usage.output_tokens
                if event.delta.stop_reason:
                    usage.finish_reason = REASONS.get(event.delta.stop_reason, FinishReason.STOP)
            case "content_block_delta" if event.delta.type == "text_delta":
                return str(event.delta.text)
        return ""


def arguments(request: GenerateRequest, endpoint: Endpoint) -> dict[str, Any]:
    """The call's parameters: the system prompt is no message here."""
    system = [m["content"] for m in request.messages if m["role"] == "system"]
    return {
        "model": endpoint.model,
        "messages": [m for m in request.messages if m["role"] != "system"],
        "max_tokens": request.max_tokens,
        "stream": True,
        **({"system": "\n\n".join(system)} if system else {}),
        **({"stop_sequences": request.stop} if request.stop else {}),
        # The library names no sampling parameters any more; models that take them still do.
        "extra_body": request.sampling,
    }
