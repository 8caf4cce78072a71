"""What its prompt format makes of a conversation."""

from __future__ import annotations

from inference.contract.prompts import Shown

from ..evidence import FIRST, Evidence, messages_by_name
from ..findings import Finding, green, none, red

REMOTE = "Does not apply: its API formats the prompt."
UNSHOWN = "No worker with its weights showed the prompt."
FORMAT = "Enter a new revision with a prompt format that follows the model's card."


def rendered(evidence: Evidence) -> Finding:
    if evidence.revision.is_remote:
        return none(REMOTE)
    if not evidence.shown:
        return none(UNSHOWN)
    if error := next((each.error for each in evidence.shown.values() if each.error), ""):
        return red(error, FORMAT)
    lost = [name for name, shown in evidence.shown.items() if _lost(evidence, name, shown)]
    if lost:
        return red("The prompt format leaves out a part of the conversation.", FORMAT)
    shown = evidence.shown[FIRST]
    control = sum(piece.control for piece in shown.pieces)
    whose = "a format of its own" if evidence.revision.prompt_format else "the format in its file"
    return green(
        f"A short question becomes {shown.tokens} tokens by {whose}, {control} of them control "
        "tokens."
    )


def begins_once(evidence: Evidence) -> Finding:
    if evidence.revision.is_remote:
        return none(REMOTE)
    shown = evidence.shown.get(FIRST)
    if shown is None or shown.error:
        return none(UNSHOWN)
    if shown.bos_in_a_row > 1:
        return red(
            f"The token that begins a text (BOS) occurs {shown.bos_in_a_row} times in a row. "
            "Models answer worse after that.",
            "Remove it from the prompt format: the worker adds it where the model wants one.",
        )
    return _counted(shown, len(messages_by_name(evidence.revision, FIRST)))


def _counted(shown: Shown, messages: int) -> Finding:
    if shown.bos == 0:
        return green("The model has no token that begins a text, and gets none.")
    if shown.bos == 1:
        return green("The text begins with exactly one BOS token.")
    # In ChatML it begins every turn: each message, the answer, perhaps a usual system prompt.
    if shown.bos in (messages + 1, messages + 2):
        return green("The token that begins a text also begins each turn, once.")
    return red(
        f"The token that begins a text (BOS) occurs {shown.bos} times in a single turn.",
        "Remove it from the middle of the prompt format.",
    )


def _lost(evidence: Evidence, name: str, shown: Shown) -> bool:
    """Whether a text of the conversation is missing. Templates may trim and wrap them."""
    found = " ".join(shown.text.split())
    asked = messages_by_name(evidence.revision, name)
    return any(
        " ".join(each["content"].split()) not in found
        for each in asked
        if each["role"] != "system"  # turns.system_prompt looks at that one
    )
