"""Every server that speaks OpenAI's chat completions: OpenAI, Azure, Mistral, Bedrock, Gemini,
vLLM, TGI, Ollama, llama.cpp's own server."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

import openai

from inference.engine import FinishReason
from inference.keys import key_of
from inference.requests import Endpoint, GenerateRequest

from . import Host
from .remote import RETRIES, Events, RemoteBackend, Usage, refused, unreachable

# Parameters of the interface itself; others are passed on for servers that know more, such as
# top_k or min_p.
STANDARD = {"temperature", "top_p", "seed", "frequency_penalty", "presence_penalty"}
REASONS = {"length": FinishReason.LENGTH, "content_filter": FinishReason.FILTERED}
# OpenAI's newer models refuse the old name, other servers do not know the new one.
NEW_NAME = ("api.openai.com", ".openai.azure.com")


class Backend(RemoteBackend):
    def __init__(self, host: Host) -> None:
        self._connections = openai.DefaultAsyncHttpxClient()
        super().__init__(host, self._connections.aclose)

    def describe(self, request: GenerateRequest) -> str:
        return f"openai {version('openai')}"

    async def ask(self, request: GenerateRequest, endpoint: Endpoint) -> Events:
        client = openai.AsyncOpenAI(
            api_key=key_of(endpoint),
            base_url=endpoint.url or None,
            timeout=endpoint.timeout_s,
            max_retries=RETRIES,
            http_client=self._connections,
        )
        try:
            chunks: Events = await client.chat.completions.create(**arguments(request, endpoint))
        except openai.APIStatusError as error:
            raise refused("The API", error.status_code, error.message) from error
        except openai.APIConnectionError as error:
            raise unreachable("The API", error) from error
        return chunks

    def text_of(self, event: Any, usage: Usage) -> str:
        if event.usage:
            usage.prompt_tokens = event.usage.prompt_tokens
            usage.completion_tokens = event.usage.completion_tokens
        if not event.choices:
            return ""
        choice = event.choices[0]
        if choice.finish_reason:
            usage.finish_reason = REASONS.get(choice.finish_reason, FinishReason.STOP)
        return choice.delta.content or choice.delta.refusal or ""


def arguments(request: GenerateRequest, endpoint: Endpoint) -> dict[str, Any]:
    """The call's parameters."""
    sampling = request.sampling
    host = urlsplit(endpoint.url or "https://api.openai.com").hostname or ""
    limit = "max_completion_tokens" if host.endswith(NEW_NAME) else "max_tokens"
    return {
        "model": endpoint.model,
        "messages": request.messages,
        "stream": True,
        "stream_options": {"include_usage": True},
        limit: request.max_tokens,
        **({"stop": request.stop} if request.stop else {}),
        **{name: value for name, value in sampling.items() if name in STANDARD},
        "extra_body": {name: value for name, value in sampling.items() if name not in STANDARD},
    }
