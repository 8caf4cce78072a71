"""What the newest probe says against letting voters meet a contestant."""

from __future__ import annotations

from ..models import Contestant, Probe
from .findings import Colour, Finding
from .running import newest

UNTRIED = "Its newest revision has never been probed: run a probe to see whether it works."


def newest_probe(contestant: Contestant) -> Probe | None:
    """The newest finished probe of its newest revision."""
    revision = newest(contestant)
    probes = Probe.objects.filter(revision=revision).exclude(ended=None)
    return probes.first() if revision else None


def objection(contestant: Contestant) -> str:
    """Why it should not be activated, in sentences that name the red findings; "" if nothing is
    known against it. A contestant that was never probed is not stopped."""
    probe = newest_probe(contestant)
    if probe is None or probe.verdict != Probe.Verdict.RED:
        return ""
    found = [Finding.from_dict(each) for each in probe.findings]
    reds = [f"{each.title}: {each.sentence}" for each in found if each.colour is Colour.RED]
    return f"Its probe of {probe.started:%-d %B %Y, %H:%M} UTC found faults. {' '.join(reds)}"


def hint(contestant: Contestant) -> str:
    """What to do before activating it; "" if it was probed."""
    has_revision = newest(contestant) is not None
    return UNTRIED if has_revision and newest_probe(contestant) is None else ""
