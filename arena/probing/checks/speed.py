"""How long voters wait."""

from __future__ import annotations

from statistics import median

from django.conf import settings

from arena.models import ProbeAnswer
from inference.contract.endings import FinishReason

from ..evidence import Evidence
from ..findings import Finding, amber, green, none, red

FIRST_S = 10.0  # until the first words; voters give up
READING = 5.0  # tokens per second: about as fast as people read


def speed(evidence: Evidence) -> Finding:
    done = evidence.done
    if not done:
        return none("There was no answer to look at.")
    first = median([each.first_token_s or 0.0 for each in done])
    rates = [each.tokens_per_second for each in done if each.tokens_per_second]
    rate = median(rates) if rates else 0.0
    paced = f", {rate:.0f} tokens per second" if rate else ""
    said = f"First words after {first:.1f} s{paced}."
    late = [each for each in done if each.finish_reason == FinishReason.DEADLINE]
    if late:
        return red(
            f"{said} {len(late)} of {len(done)} answers took all their {_deadline(late[0]):.0f} s.",
            "Use a smaller or more quantised model, a faster host, or raise ANSWER_SECONDS.",
        )
    return _judged(said, first, rate, evidence.revision.max_tokens)


def _judged(said: str, first: float, rate: float, most: int) -> Finding:
    needed = first + most / rate if rate else 0.0
    if first > FIRST_S:
        return amber(said, "Voters see nothing for so long. Look at the load of its workers.")
    if needed > settings.ANSWER_SECONDS:
        return amber(
            f"{said} An answer of {most:,} tokens, its limit, would take {needed:.0f} s, of which "
            f"it has {settings.ANSWER_SECONDS:.0f}.",
            "Lower its answer limit, or raise ANSWER_SECONDS: otherwise long answers are cut off.",
        )
    if 0 < rate < READING:
        return amber(f"{said} People read faster.", "Use a smaller model, or a faster host.")
    return green(said)


def _deadline(answer: ProbeAnswer) -> float:
    return answer.deadline_s or settings.ANSWER_SECONDS
