"""Whether it stops where it should, and writes nothing that belongs to the format."""

from __future__ import annotations

import re

from arena.limits import TRYING
from arena.models import ProbeAnswer
from inference.contract.endings import FinishReason

from ..evidence import Evidence
from ..findings import Finding, amber, green, none, red
from .answers import NOTHING, quoted

FEW = 64  # tokens; a limit below that cuts honest answers too
_MARKS = re.compile(
    r"<\|[^|<>\s]{1,40}\|>|<｜[^｜<>\n]{1,40}｜>|\[/?INST\]|<</?SYS>>|</?s>|<(?:bos|eos|pad|unk)>"
    r"|<(?:start|end)_of_turn>|</?think(?:ing)?>|\[/?THINK\]"
    r"|^\s*#{2,3} ?(?:Human|User|Assistant|Instruction|Response|Input|System)\b:?",
    re.IGNORECASE | re.MULTILINE,
)
_ROLES = re.compile(r"^\s*(?:Human|User|Assistant|AI|Bot):", re.MULTILINE)


def stops(evidence: Evidence) -> Finding:
    done = evidence.done
    if not done:
        return none(NOTHING)
    runaway = [each for each in done if each.finish_reason == FinishReason.LENGTH]
    limit = min(TRYING.answer_tokens, evidence.revision.max_tokens)
    said = f"{len(runaway)} of {len(done)} answers ran to the limit of {limit} tokens."
    if not runaway:
        return green(f"All {len(done)} answers ended by themselves.")
    if evidence.revision.max_tokens < FEW:
        return amber(said, f"Its answer limit is only {limit} tokens. Raise it in a new revision.")
    if 2 * len(runaway) >= len(done):
        return red(
            f"{said} Such as {_to(runaway[0])}.",
            "It does not know when to stop. Check that the prompt format ends each turn as the "
            "model was trained, and enter its end marks as stop strings.",
        )
    return amber(
        f"{said} Such as {_to(runaway[0])}.",
        "Usual for very small models. Otherwise check the prompt format and the stop strings.",
    )


def clean(evidence: Evidence) -> Finding:
    done = evidence.done
    if not done:
        return none(NOTHING)
    marked = [(each, found[0].strip()) for each in done if (found := _MARKS.search(each.text))]
    if marked:
        answer, mark = marked[0]
        return red(
            f"{len(marked)} of {len(done)} answers contain marks of a prompt format, such as "
            f"“{mark}” in {quoted(answer)}.",
            "Use the prompt format that the model was trained with, or enter the mark as a stop "
            "string.",
        )
    playing = [(each, found[0].strip()) for each in done if (found := _ROLES.search(each.text))]
    if playing:
        return amber(
            f"{len(playing)} of {len(done)} answers contain “{playing[0][1]}” at the start of a "
            "line: it may write the user's part too.",
            "Enter it as a stop string, or check the prompt format.",
        )
    return green("No answer contains a mark of a prompt format.")


def _to(answer: ProbeAnswer) -> str:
    return f"{quoted(answer)}, to “{answer.prompt}”"
