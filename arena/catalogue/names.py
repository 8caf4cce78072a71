"""Names of models as they occur in the wild, made comparable.

`meta-llama/Llama-2-7b-chat-hf`, `llama2:7b-chat` and `Llama 2 Chat (7B)` differ in case,
separators, owner and packaging. `plain` removes these; `key` also forgets the separators.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

OWNER = re.compile(r"^.*/")
# Amazon Bedrock writes `us.anthropic.claude-...-v1:0`.
BEDROCK = re.compile(
    r"^(?:(?:us|eu|apac|global)\.)?(?:ai21|amazon|anthropic|cohere|deepseek|google|meta|mistral|qwen)\."
    r"(.+?)(?:-v\d+)?(?::\d+\w*)*$"
)
PACKAGING = re.compile(
    r"(?:[-_.:@ ](?:hf|gguf|ggml|gptq|awq|fp8|fp16|bf16|int4|int8|latest|free"
    r"|i?q\d(?:_\w+)?))+$",
    re.IGNORECASE,
)
SEPARATORS = re.compile(r"[^a-z0-9.+]+")


def plain(name: str) -> str:
    """Lower case, one dash between words, without owner and packaging."""
    name = BEDROCK.sub(r"\1", OWNER.sub("", name.strip()).casefold())
    return SEPARATORS.sub("-", PACKAGING.sub("", name)).strip("-.")


def key(name: str) -> str:
    """Without separators, so that `Mixtral 8x7B` equals `mixtral-8x7b`; but 1.3B is not 13B."""
    words = name.casefold().replace("+", "plus")
    return re.sub(r"[^a-z0-9.]|(?<![0-9])[.]|[.](?![0-9])", "", words)


def keys(name: str) -> Iterator[str]:
    """The keys to look up a name by, the most literal first."""
    yield key(name)
    yield key(OWNER.sub("", name.strip()))
    yield key(plain(name))


def size(name: str) -> float | None:
    """Billions of parameters that a plain name states (`llama-2-7b-chat`: 7.0), if any."""
    found = re.search(r"(?:^|-)(\d+(?:\.\d+)?)(b|m)(?:-|$)", name)
    if not found:
        return None
    return float(found[1]) / (1 if found[2] == "b" else 1000)
