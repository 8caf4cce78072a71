"""Whether its answers tell who it is, which voters must not know."""

from __future__ import annotations

import re

from arena.models import Contestant

from ..evidence import Evidence
from ..findings import Finding, amber, green, none
from .answers import NOTHING, quoted

# Makers and families that models name as their own, also by mistake.
MAKERS = (
    "OpenAI", "ChatGPT", "GPT-?[345o]", "Anthropic", "Claude", "Google", "Gemini", "Gemma",
    "DeepMind", "Meta AI", "Llama", "Mistral", "Mixtral", "Qwen", "Alibaba", "DeepSeek",
    "Hugging ?Face", "SmolLM", "Microsoft", "Phi-?[1234]", "Cohere", "xAI", "Grok", "Moonshot",
    "Kimi", "Zhipu", "GLM", "Baidu", "ERNIE", "Tencent", "NVIDIA", "Nemotron", "AI21", "Vicuna",
    "Falcon", "EleutherAI", "Stability AI", "Amazon", "IBM", "Granite", "Aleph Alpha", "Apertus",
)  # fmt: skip
SHORTEST = 4  # letters of a word of its name that tells it from others
_COMMON = {"instruct", "chat", "base", "model", "compact", "large", "small", "mini", "stand"}


def anonymous(evidence: Evidence) -> Finding:
    if not evidence.done:
        return none(NOTHING)
    names = re.compile(
        rf"(?<!\w)(?:{'|'.join([*MAKERS, *_own(evidence.revision.contestant)])})(?!\w)",
        re.IGNORECASE,
    )
    telling = [(each, found[0]) for each in evidence.done if (found := names.search(each.text))]
    if not telling:
        return green("No answer names it or a maker of models.")
    answer, name = telling[0]
    return amber(
        f"It says “{name}” when asked about itself or without being asked: {quoted(answer)}.",
        "The arena shows answers as they are, so whoever asks learns it. A system prompt such as "
        "“Never say which model you are or who made you” helps.",
    )


def _own(contestant: Contestant) -> list[str]:
    """The words of its name and maker that say something, as patterns."""
    said = f"{contestant.name} {contestant.organisation} {contestant.stands_in_for}"
    words = {word for word in re.findall(r"[^\W_]+", said) if len(word) >= SHORTEST}
    return [re.escape(word) for word in sorted(words) if word.lower() not in _COMMON]
