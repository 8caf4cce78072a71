from __future__ import annotations

from ...limiting import proof_counts
from ...limiting.proof import Outcome
from ...plurals import counted
from ..panel import Panel, Says, cells

WORDS = {
    Outcome.ASKED: "asked for",
    Outcome.PROVEN: "proven",
    Outcome.FAILED: "failed: wrong, late or used before",
    Outcome.UNVERIFIED: "could not verify: waited instead",
    Outcome.BROKEN: "could not verify: an error of ours, let pass",
}
ALARM = (
    "Many more than usual could not be verified or failed. If honest people are kept out, set "
    "PROOF_OF_WORK=0, and look at the log of the web processes."
)


class Proofs(Panel):
    """Proofs of work that suspected voters were asked for."""

    name = "proofs"
    subject = "Proof of work"
    permission = "arena.view_vote"

    def look(self) -> Says | None:
        report = proof_counts.report()
        if not (report.hour + report.day):
            return None
        could_not = report.hour[Outcome.UNVERIFIED] + report.hour[Outcome.BROKEN]
        title = (
            f"{counted(report.hour[Outcome.PROVEN], 'proof')} of work this hour, "
            f"{could_not} could not be verified, {report.hour[Outcome.FAILED]} failed"
        )
        return Says(
            title,
            about=ALARM if report.has_jumped else "",
            columns=("Proofs", "This hour", "24 hours before"),
            rows=[cells(WORDS[o], f"{report.hour[o]:,}", f"{report.day[o]:,}") for o in Outcome],
            is_urgent=report.has_jumped,
        )
