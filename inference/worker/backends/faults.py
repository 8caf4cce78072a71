"""Whether the prompt or the model is to blame when an API rejects a call."""

from __future__ import annotations

import re

TOO_LARGE = 413
# The wording of OpenAI, Azure, Anthropic, Gemini, Mistral, vLLM and llama.cpp's server.
_OF_PROMPT = re.compile(
    r"context[ _](length|window|size)"
    r"|(prompt|input|request|messages?)\b.{0,80}\b(too (long|large)|exceeds?)\b"
    r"|content[ _](filter|management|policy)",
    re.IGNORECASE | re.DOTALL,
)


def is_of_prompt(status: int, sentence: str) -> bool:
    """Whether an HTTP error says that the prompt is too long, or not allowed there."""
    client_error = 400 <= status < 500
    return status == TOO_LARGE or (client_error and _OF_PROMPT.search(sentence) is not None)
