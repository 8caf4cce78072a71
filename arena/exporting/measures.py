"""The metadata of conversations in the newer releases: lengths, and counts of Markdown."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from arena.labels import Labels
from arena.models import Side

from .votes import Exchange, ExportedVote

CODE_BLOCK = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
HEADER = re.compile(r"^(#{1,6})\s", re.MULTILINE)
ORDERED = re.compile(r"^\s{0,12}\d+\.\s", re.MULTILINE)
UNORDERED = re.compile(r"^\s{0,12}[-*+]\s", re.MULTILINE)
BOLD = {"**": re.compile(r"\*\*[^*\n]+\*\*"), "__": re.compile(r"__[^_\n]+__")}
CHARACTERS_PER_TOKEN = 4  # an estimate, where no tokens were counted

# Labels of prompts in the newer releases. Those that we do not have stay empty.
CATEGORIES = {
    "criteria_v0.1": (
        "complexity", "creativity", "domain_knowledge", "problem_solving", "real_world",
        "specificity", "technical_accuracy",
    ),
    "if_v0.1": ("if", "score"),
    "math_v0.1": ("math",),
    "creative_writing_v0.1": ("creative_writing", "score"),
}  # fmt: skip
LABELS = {
    "if": "instruction-following", "math": "maths", "creative_writing": "creative-writing"
}  # fmt: skip


def conversation_metadata(vote: ExportedVote) -> dict[str, Any] | None:
    """The metadata; None without texts, since unknown counts are not zero."""
    if not vote.turns:
        return None
    a, b = vote.sides[Side.A], vote.sides[Side.B]
    return {
        "sum_user_tokens": sum(about_tokens(each.prompt) for each in a),
        "sum_assistant_a_tokens": said_tokens(a),
        "sum_assistant_b_tokens": said_tokens(b),
        "context_a_tokens": context_tokens(a),
        "context_b_tokens": context_tokens(b),
        "turns": vote.turns,
        **{f"{name}_a": count for name, count in markdown(a).items()},
        **{f"{name}_b": count for name, count in markdown(b).items()},
    }


def markdown(exchanges: list[Exchange]) -> dict[str, dict[str, int]]:
    text = "\n".join(CODE_BLOCK.sub("", each.answer) for each in exchanges)
    headers = [len(marks) for marks in HEADER.findall(text)]
    return {
        "header_count": {f"h{level}": headers.count(level) for level in range(1, 7)},
        "list_count": {
            "ordered": len(ORDERED.findall(text)),
            "unordered": len(UNORDERED.findall(text)),
        },
        "bold_count": {mark: len(pattern.findall(text)) for mark, pattern in BOLD.items()},
    }


def said_tokens(exchanges: list[Exchange]) -> int:
    return sum(each.said.completion_tokens or about_tokens(each.answer) for each in exchanges)


def context_tokens(exchanges: list[Exchange]) -> int:
    """Tokens of the context before the last answer."""
    if not exchanges:
        return 0
    counted = exchanges[-1].said.prompt_tokens
    read = [each.prompt for each in exchanges] + [each.answer for each in exchanges[:-1]]
    return counted or sum(map(about_tokens, read))


def about_tokens(text: str) -> int:
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def category_tags(vote: ExportedVote, *releases: str) -> dict[str, dict[str, bool | None]]:
    """Category tags, as far as we have labels; for the single criteria we have none."""
    return _tags(vote.labels, releases or tuple(CATEGORIES))


@lru_cache(maxsize=1_000)
def _tags(labels: Labels, releases: tuple[str, ...]) -> dict[str, dict[str, bool | None]]:
    return {
        release: {name: _tag(labels, name) for name in CATEGORIES[release]} for release in releases
    }


def _tag(labels: Labels, name: str) -> bool | None:
    return labels.has(LABELS[name]) if name in LABELS else None
