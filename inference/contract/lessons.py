"""What an API was found to accept, as words that travel: with a result to the arena, which shows
them, and with a request to a worker, where somebody has fixed them.
"""

from __future__ import annotations

from collections.abc import Iterable

LIMITS = ("max_tokens", "max_completion_tokens")  # two names for the same parameter
LIMIT = "limit:"  # then its name; nothing if the API has none
WITHOUT = "without:"  # then the name of a parameter
SYSTEM = "system-in-prompt"
THINKS = "thinks"
NO_ROOM = "no-room-for-thoughts"
INSIDE = "opens-inside-thoughts"
MEANINGS = {
    SYSTEM: "It has no system role: the system prompt opens the first message.",
    THINKS: "It thinks before it answers: the limit it is sent leaves room for thoughts.",
    NO_ROOM: "It rejects a limit with room for thoughts: it is sent the answer limit alone.",
    INSIDE: "Its answers begin with thoughts that nothing marks: they are hidden up to their end.",
}


def meaning(lesson: str) -> str:
    """As a sentence; "" if this version does not know it."""
    if lesson == LIMIT:
        return "It accepts no limit of tokens: none is sent."
    if lesson.startswith(LIMIT):
        return f"It calls the limit of tokens {lesson.removeprefix(LIMIT)}."
    if lesson.startswith(WITHOUT):
        return f"It rejects {lesson.removeprefix(WITHOUT)}, which is left out."
    return MEANINGS.get(lesson, "")


def named(lessons: Iterable[str], prefix: str) -> list[str]:
    """What follows the prefix, in those that have it."""
    return [each.removeprefix(prefix) for each in lessons if each.startswith(prefix)]
