"""Whether it answers, and what it says."""

from __future__ import annotations

import re

from arena.models import ProbeAnswer

from ..evidence import Evidence
from ..findings import Finding, amber, green, none, red
from ..questions import BY_NAME, GOLDEN

QUOTED = 60  # characters of an answer in a sentence
NOTHING = "There was no answer to look at."
_WORD = re.compile(r"\w")
_REFUSAL = re.compile(
    r"\bI(?:['’]|\sa)m (?:sorry|unable|not able)\b|\bas an AI\b|\bje (?:suis désolé|ne peux pas)"
    r"|\bI (?:can['’]?t|cannot|can not|won['’]t) (?:assist|help|answer|provide|comply|do that)",
    re.IGNORECASE,
)


def answered(evidence: Evidence) -> Finding:
    failed, every = evidence.failed, len(evidence.answers)
    wordless = [each for each in evidence.done if not _WORD.search(each.text)]
    if failed:
        left = every - len(failed)
        return red(
            f"Questions answered: {left} of {every}. {failed[0].why}",
            "Correct what the reason names: weights or key, address, prompt format, parameters.",
        )
    if wordless:
        return red(
            f"{len(wordless)} of {every} answers have no words, such as {quoted(wordless[0])}.",
            "Check the prompt format: a model that was trained with another one writes nothing "
            "sensible.",
        )
    return green(f"All {every} questions were answered.")


def golden(evidence: Evidence) -> Finding:
    said = {each.question: each for each in evidence.done}
    wrong = [each for each in GOLDEN if each.name in said and not _is_right(said[each.name])]
    asked = sum(each.name in said for each in GOLDEN)
    if not asked:
        return none(NOTHING)
    if not wrong:
        return green(f"{asked} of {asked} are right.")
    named = "; ".join(f"{each.subject}: {quoted(said[each.name])}" for each in wrong)
    return amber(
        f"{asked - len(wrong)} of {asked} are right. Wrong: {named}.",
        "Usual for the smallest models. From a larger one it means a wrong prompt format, a "
        "damaged file or a temperature that is too high.",
    )


def thoughts(evidence: Evidence) -> Finding:
    if not evidence.done:
        return none(NOTHING)
    thinking = [each for each in evidence.done if each.thoughts]
    if not thinking:
        return green("It does not think before it answers.")
    tokens = max(each.thought_tokens or 0 for each in thinking)
    return green(
        f"It thinks first: before {len(thinking)} of {len(evidence.done)} answers, for up to "
        f"{tokens:,} tokens of {evidence.revision.max_thought_tokens:,}. Voters see its thoughts "
        "only after the vote."
    )


def refuses(evidence: Evidence) -> Finding:
    if not evidence.done:
        return none(NOTHING)
    refusals = [each for each in evidence.done if _REFUSAL.search(each.text)]
    if not refusals:
        return green("It refused none of these questions.")
    return amber(
        f"It refused {len(refusals)} of {len(evidence.done)} harmless questions, such as "
        f"{BY_NAME[refusals[0].question].subject}: {quoted(refusals[0])}.",
        "Look at its system prompt, and at a filter that its API may have.",
    )


def quoted(answer: ProbeAnswer) -> str:
    text = " ".join(answer.text.split()).removesuffix(".")
    return f"“{text[: QUOTED - 1]}…”" if len(text) > QUOTED else f"“{text}”"


def _is_right(answer: ProbeAnswer) -> bool:
    check = BY_NAME[answer.question].is_right
    return check is not None and check(answer.text)
