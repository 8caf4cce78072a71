"""Servers with OpenAI's chat completions API, and the dialect of each: OpenAI, Azure, Mistral,
Bedrock, Gemini, vLLM, TGI, Ollama, llama.cpp's own server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from inference.contract.endings import FinishReason
from inference.contract.lessons import LIMITS
from inference.contract.requests import ADDRESSES, Endpoint, GenerateRequest

from .events import DONE, Event
from .remote import RemoteBackend
from .replies import Part, Told
from .terms import Terms
from .wire import message_of

# Finish reasons of the servers; any other one counts as a normal end.
REASONS = {
    "length": FinishReason.LENGTH,
    "max_tokens": FinishReason.LENGTH,
    "max_output_tokens": FinishReason.LENGTH,
    "model_length": FinishReason.LENGTH,
    "content_filter": FinishReason.FILTERED,
    "safety": FinishReason.FILTERED,
    "recitation": FinishReason.FILTERED,
    "blocklist": FinishReason.FILTERED,
    "prohibited_content": FinishReason.FILTERED,
}
FAILED = {"error", "abort", "cancelled", "insufficient_system_resource"}
# OpenAI's newer models reject the old name of the limit; other servers do not know the new one.
NEW_NAME = ("api.openai.com", ".openai.azure.com")
THOUGHTS = ("reasoning_content", "reasoning", "thinking")
REASONING = {"thinking", "reasoning", "reasoning_effort"}  # parameters that request thoughts


class Backend(RemoteBackend):
    name = "openai"
    path = "/chat/completions"

    def headers(self, key: str) -> dict[str, str]:
        return {"authorization": f"Bearer {key}"} if key else {}

    def first_terms(self, endpoint: Endpoint, request: GenerateRequest) -> Terms:
        host = urlsplit(endpoint.url or ADDRESSES[self.name]).hostname or ""
        limit = LIMITS[1] if host.endswith(NEW_NAME) else LIMITS[0]
        return Terms(limit=limit, thinks=bool(REASONING & set(request.sampling)))

    def body(self, request: GenerateRequest, endpoint: Endpoint, terms: Terms) -> dict[str, Any]:
        limit = {terms.limit: terms.most_tokens(request)} if terms.limit else {}
        return terms.applied(
            {
                "model": endpoint.model,
                "messages": terms.messages(request.messages),
                "stream": True,
                "stream_options": {"include_usage": True},
                **limit,
                **({"stop": request.stop} if request.stop else {}),
                **request.sampling,
            }
        )

    def parts(self, event: Event, told: Told) -> Iterator[Part]:
        if event is DONE:
            told.finish_reason = told.finish_reason or FinishReason.STOP
            return
        if failure := event.get("error") or (event.get("object") == "error" and event):
            told.failure = message_of(failure) or str(failure)
            return
        _count(event.get("usage"), told)
        choice = _first_choice(event.get("choices"))
        yield from _said(choice, told)
        reason = choice.get("finish_reason")
        if isinstance(reason, str) and reason:
            if reason.lower() in FAILED:
                told.failure = f"it ended with {reason!r}"
            told.finish_reason = REASONS.get(reason.lower(), FinishReason.STOP)


def _first_choice(choices: Any) -> Event:
    """The one answer that was requested; anything else is ignored."""
    for choice in choices if isinstance(choices, list) else []:
        if isinstance(choice, dict) and choice.get("index") in (0, None):
            return choice
    return {}


def _said(choice: Event, told: Told) -> Iterator[Part]:
    delta, message = choice.get("delta"), choice.get("message")
    if not isinstance(delta, dict):
        delta = message if isinstance(message, dict) else {"content": choice.get("text")}
    whole = delta is message
    thoughts = next((delta[name] for name in THOUGHTS if delta.get(name)), None)
    if not (whole and told.has_thoughts):
        yield from (Part(part.text, is_thought=True) for part in _parts(thoughts))
    told.has_thoughts = told.has_thoughts or thoughts is not None
    for part in _parts(delta.get("content") or delta.get("refusal")):
        text = part.text if part.is_thought else told.new(part.text, perhaps_whole=whole)
        yield Part(text, part.is_thought)


def _parts(content: Any) -> Iterator[Part]:
    """The parts of content in any form: a string, an object with one, or a list of these."""
    if isinstance(content, str):
        yield Part(content)
    elif isinstance(content, list):
        for each in content:
            yield from _parts(each)
    elif isinstance(content, dict):
        kind = str(content.get("type", "text"))
        is_thought = "thinking" in kind or "reasoning" in kind
        names = ("text", "thinking", "reasoning", "summary", "content", "value")
        inner = next((content[name] for name in names if content.get(name)), None)
        if is_thought or kind in ("text", "output_text", "refusal"):
            yield from (Part(part.text, part.is_thought or is_thought) for part in _parts(inner))


def _count(usage: Any, told: Told) -> None:
    if not isinstance(usage, dict):
        return
    details = usage.get("completion_tokens_details")
    told.count(
        prompt_tokens=usage.get("prompt_tokens"),
        completion_tokens=usage.get("completion_tokens"),
        thought_tokens=details.get("reasoning_tokens") if isinstance(details, dict) else None,
    )
