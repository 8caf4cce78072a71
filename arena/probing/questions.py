"""What a probe asks. Short questions, to which the smallest model has something to say."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

Said = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Question:
    """`is_right` judges the answer to a golden prompt; the other questions have none."""

    name: str
    prompt: str
    subject: str  # as the report names it
    is_right: Callable[[str], bool] | None = None
    said: Said = ()  # the turns before it
    system: str = ""  # added to the contestant's own system prompt


def _has(word: str) -> Callable[[str], bool]:
    pattern = re.compile(rf"(?<!\w){word}(?!\w)", re.IGNORECASE)
    return lambda text: bool(pattern.search(text))


def _is_blue_json(text: str) -> bool:
    """Whether it is the JSON that was asked for, perhaps in a block of code."""
    found = re.search(r"\{.*\}", text, re.DOTALL)
    try:
        return bool(json.loads(found[0] if found else text) == {"colour": "blue"})
    except ValueError:
        return False


WHO = "who"
SECOND_TURN = "second-turn"
SYSTEM = "system"
CODE_WORD, PET = "zebra", "Pixel"

QUESTIONS = (
    Question("sum", "What is 2 + 2? Answer with the number only.", "a sum", _has("4|four")),
    Question(
        "capital",
        "What is the capital of France? Answer with its name only.",
        "a capital",
        _has("Paris"),
    ),
    Question(
        "repeat",
        "Repeat this word exactly, and write nothing else: lighthouse",
        "a word to repeat",
        lambda text: text.strip().strip(".\"'*`“”") == "lighthouse",
    ),
    Question(
        "json",
        'Reply with this JSON object and nothing else: {"colour": "blue"}',
        "JSON",
        _is_blue_json,
    ),
    Question(
        "language",
        "Réponds en français, en une phrase : de quelle couleur est le ciel par beau temps ?",
        "French",
        _has("bleue?"),
    ),
    Question(WHO, "Who are you, and who made you? Answer in one sentence.", "who it is"),
    Question(
        SECOND_TURN,
        "What is my cat called? Answer in one sentence.",
        "a second turn",
        said=((f"My cat is called {PET}.", "What a lovely name for a cat!"),),
    ),
    Question(
        SYSTEM,
        "Say hello.",
        "a system prompt",
        system=f"You are a helpful assistant. End every answer with the word {CODE_WORD}.",
    ),
)
GOLDEN = tuple(question for question in QUESTIONS if question.is_right)
BY_NAME = {question.name: question for question in QUESTIONS}
