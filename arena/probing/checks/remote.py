"""What an API reports, and which parameters it does not accept."""

from __future__ import annotations

from ..evidence import Evidence
from ..findings import Finding, amber, green, none
from .answers import NOTHING

LOCAL = "Does not apply: it runs on our own workers, which count tokens themselves."


def usage(evidence: Evidence) -> Finding:
    if not evidence.revision.is_remote:
        return none(LOCAL)
    if not evidence.done:
        return none(NOTHING)
    silent = [each for each in evidence.done if not each.reports_usage]
    if not silent:
        tokens = sum((e.prompt_tokens or 0) + (e.completion_tokens or 0) for e in evidence.done)
        return green(f"Its API counts tokens: {tokens:,} for this probe.")
    return amber(
        f"{len(silent)} of {len(evidence.done)} answers came without token counts. Four bytes "
        "count as one token instead.",
        "Set its daily caps with some room, and compare them with the provider's bill.",
    )


def parameters(evidence: Evidence) -> Finding:
    if not evidence.revision.is_remote:
        return none("Does not apply: our own engine takes all of them.")
    if not evidence.done:
        return none(NOTHING)
    without = {each.engine.partition(" without ")[2] for each in evidence.done} - {""}
    if not without:
        return green("Its API accepts all parameters.")
    return amber(
        f"Its API does not accept: {', '.join(sorted(without))}. Answers are made without.",
        "Remove them in a new revision, so that its settings say how it answers.",
    )
