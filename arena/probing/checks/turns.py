"""Whether it can follow a conversation, and an instruction above it."""

from __future__ import annotations

from ..evidence import Evidence, messages_by_name
from ..findings import Finding, amber, green, none, red
from ..questions import CODE_WORD, PET, SECOND_TURN, SYSTEM
from .formats import FORMAT


def two_turns(evidence: Evidence) -> Finding:
    if (text := evidence.text(SECOND_TURN)) is None:
        return _failed(evidence, SECOND_TURN, "a second turn")
    if PET.casefold() in text.casefold():
        return green("It takes a second turn, and knows what was said in the first.")
    return amber(
        "It takes a second turn, but did not recall a name from the first.",
        "Usual for the smallest models. Otherwise look at how the conversation is rendered below.",
    )


def system_prompt(evidence: Evidence) -> Finding:
    if (text := evidence.text(SYSTEM)) is None:
        return _failed(evidence, SYSTEM, "a system prompt")
    shown = evidence.shown.get(SYSTEM)
    if shown and not shown.error and _is_dropped(evidence, shown.text):
        return _dropped(bool(evidence.revision.system_prompt))
    without_role = bool(shown and shown.folded) or "system role" in evidence.answers[SYSTEM].engine
    where = " It has no system role: the text goes before the first prompt." if without_role else ""
    if CODE_WORD in text.casefold():
        return green(f"It takes a system prompt and follows it.{where}")
    return amber(
        f"It takes a system prompt, but did not follow it.{where}",
        "Usual for the smallest models; do not rely on a system prompt here.",
    )


def _is_dropped(evidence: Evidence, text: str) -> bool:
    found = " ".join(text.split())
    [system] = [m for m in messages_by_name(evidence.revision, SYSTEM) if m["role"] == "system"]
    return " ".join(system["content"].split()) not in found


def _dropped(has_one: bool) -> Finding:
    said = "The prompt format leaves out the system prompt."
    if has_one:
        return red(said, FORMAT)
    return amber(said, "This contestant has none. Before you enter one, change the prompt format.")


def _failed(evidence: Evidence, question: str, what: str) -> Finding:
    if question not in evidence.answers:
        return none("This was not asked.")
    why = evidence.answers[question].why
    if len(evidence.failed) == len(evidence.answers):
        return none("There was no answer to look at.")
    advice = "Do what the reason says." if evidence.revision.is_remote else FORMAT
    return red(f"It fails with {what}. {why}", advice)
