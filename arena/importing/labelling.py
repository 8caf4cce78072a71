"""Labels votes whose prompts are in the file, with the release's own labels where it has them and
otherwise by our rules; and computes the style of their answers. The texts are not stored."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from arena.labels import SOURCE, Labels, labels_of
from arena.labels.categories import CATEGORIES
from arena.labels.slices import length_slice
from arena.labels.style import style_of
from evenhand import reprs

from .characters import mended, unreadable
from .files import Row
from .votes import ReadVote

BY_RULES = SOURCE
BY_RELEASE = f"the release; {SOURCE} where it says nothing"
HARD_FROM = 6  # of the seven criteria: Chatbot Arena's definition of hard prompts
NOTHING: Mapping[str, bool] = MappingProxyType({})
MENDED = "characters in their texts that can't be read were skipped"
UNREAD = "their conversations can't be read, so their prompts and style are in no category"


def with_conversations(vote: ReadVote, row: Row, given: Mapping[str, bool] = NOTHING) -> ReadVote:
    """The vote with labels and style, as far as its row has the two conversations."""
    names = ("conversation_a", "conversation_b")
    first, second = (_read(row.get(name)) for name in names)
    answers = (answers_of(messages) for messages in (first, second))
    found = styled(labelled(vote, prompts_of(first), given), *answers)
    return remarked(found, row.get(names[0]), prompts_of(first))


def with_texts(vote: ReadVote, row: Row) -> ReadVote:
    """The same for rows with lists of texts."""
    prompts, *answers = (texts_of(row.get(n)) for n in ("prompt", "response_a", "response_b"))
    return remarked(styled(labelled(vote, prompts), *answers), row.get("prompt"), prompts)


def remarked(vote: ReadVote, written: Any, prompts: Sequence[str]) -> ReadVote:
    """The vote, with a remark if its text is not empty but no prompt could be read from it."""
    is_empty = not prompts and bool(written) and _read(written) not in ([], {})
    return vote._replace(remark=UNREAD) if is_empty else vote


def labelled(
    vote: ReadVote, prompts: Sequence[str], given: Mapping[str, bool] = NOTHING
) -> ReadVote:
    """The vote with the labels of its prompts; `given` are the release's own, by category."""
    vote, prompts = readable(vote, prompts)
    found = _labels_of(tuple(prompts))
    categories = [slug for slug in CATEGORIES if given.get(slug, slug in found.categories)]
    length = [length_slice(found.length)] if found.length else []
    return vote._replace(
        language=vote.language or found.language, labels=" ".join([*categories, *length])
    )


def styled(vote: ReadVote, answers_a: Sequence[str], answers_b: Sequence[str]) -> ReadVote:
    """The vote with the style of its answers, if both are known."""
    if not answers_a or not answers_b:
        return vote
    vote, answers_a = readable(vote, answers_a)
    vote, answers_b = readable(vote, answers_b)
    counts = [*style_of(answers_a), *style_of(answers_b)]
    return vote._replace(style=f"{{{','.join(map(str, counts))}}}")


def readable(vote: ReadVote, texts: Sequence[str]) -> tuple[ReadVote, Sequence[str]]:
    """Replace invalid characters. The texts are only counted, not stored, so half an emoji is no
    reason to lose the vote."""
    if not any(map(unreadable, texts)):
        return vote, texts
    return vote._replace(remark=MENDED), [mended(text) for text in texts]


@lru_cache(maxsize=100)
def _labels_of(prompts: tuple[str, ...]) -> Labels:
    """Cached, since some files repeat the same few prompts."""
    return labels_of(prompts)


def prompts_of(conversation: Any) -> list[str]:
    """The user's texts, from messages whose content is a string or a list of parts. Empty if they
    can't be read: the vote counts all the same."""
    return _said_by("user", conversation)


def answers_of(conversation: Any) -> list[str]:
    """The model's texts, likewise."""
    return _said_by("assistant", conversation)


def texts_of(texts: Any) -> list[str]:
    """The texts in a JSON list."""
    found = _read(texts)
    return [text for text in found if isinstance(text, str)] if isinstance(found, list) else []


def tags_of(row: Row) -> dict[str, bool]:
    """The labels of a prompt in the releases of 2024 and 2025, by our categories."""
    tags = _read(row.get("category_tag"))
    tags = tags if isinstance(tags, dict) else {}
    said = {
        "coding": _read(row.get("is_code")),
        "maths": _tag(tags, "math_v0.1", "math"),
        "creative-writing": _tag(tags, "creative_writing_v0.1", "creative_writing"),
        "instruction-following": _tag(tags, "if_v0.1", "if"),
        "hard": _hard(tags.get("criteria_v0.1")),
    }
    return {slug: value for slug, value in said.items() if isinstance(value, bool)}


def _tag(tags: dict[str, Any], release: str, name: str) -> Any:
    group = tags.get(release)
    return group.get(name) if isinstance(group, dict) else None


def _hard(criteria: Any) -> bool | None:
    said = list(criteria.values()) if isinstance(criteria, dict) else []
    known = bool(said) and all(isinstance(value, bool) for value in said)
    return sum(said) >= HARD_FROM if known else None


def _read(value: Any) -> Any:
    """Parse a value that is not plain text: in CSV files it is JSON, or Python's or pandas's repr.
    None if it is neither."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value, strict=False)  # accepts control characters in strings
    except (ValueError, RecursionError):
        pass
    try:
        return reprs.read(value)
    except reprs.NotRead:
        return None


def _said_by(role: str, conversation: Any) -> list[str]:
    messages = _read(conversation)
    if not isinstance(messages, list):
        return []
    return [_text(message["content"]) for message in messages if _is_of(role, message)]


def _is_of(role: str, message: Any) -> bool:
    return isinstance(message, dict) and message.get("role") == role and "content" in message


def _text(content: Any) -> str:
    parts = content if isinstance(content, list) else [{"text": content}]
    return "\n".join(_texts(parts))


def _texts(parts: list[Any]) -> Iterator[str]:
    for part in parts:
        text = part.get("text") if isinstance(part, dict) else None
        if isinstance(text, str):
            yield text
