"""A battle as one trace, at a collector that speaks OpenTelemetry's protocol."""

from __future__ import annotations

from pathlib import Path

from config.tracing import first_of
from inference.contract import traces

from .collector import Collector, Received, collector
from .hosted import Paced, begin, in_place_of_all
from .site import Site, until
from .volunteer import Volunteer

WORDS = Paced.of(["some ", "words ", "in ", "turn."], 0.05)
# Who does what, how often, in a battle of two turns with two answers each.
STEPS = {
    ("evenhand-web", "page begin"): 1,
    ("evenhand-web", "page continue"): 1,
    ("evenhand-web", "page vote"): 1,
    ("evenhand-web", "live page"): 2,
    ("evenhand-inference", "wait for a slot"): 4,
    ("evenhand-inference", "write an answer"): 4,
    ("evenhand-core", "arena.record_answer"): 4,
}


def test_a_battle_is_one_trace_through_all_processes(tmp_path: Path, weights: Path) -> None:
    tmp_path.chmod(0o755)
    with collector() as there:
        settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": there.url, "OTEL_BSP_SCHEDULE_DELAY": "200"}
        site = Site(tmp_path / "var", weights.parent, **settings)
        try:
            site.wait_ready()
            with in_place_of_all(site, one=WORDS, other=WORDS), Volunteer(site.url) as volunteer:
                trace = traces.of(played(volunteer))
                until(lambda: steps(there, trace) == STEPS, "the trace of the battle")
        finally:
            assert site.stop() == 0, "\n".join(site.lines)
    found = there.of(trace)
    assert is_one_tree([span for spans in found.values() for span in spans], trace)
    assert [span.attributes["status"] for span in found["page vote"]] == [302]
    assert {span.attributes["service"] for span in found["write an answer"]} == {"remote:"}
    assert all("first words" in span.events for span in found["live page"])
    assert all("first token" in span.events for span in found["write an answer"])
    assert all(span.seconds > 0.1 for span in found["write an answer"])


def played(volunteer: Volunteer) -> str:
    """A battle of two turns, with its vote."""
    battle = begin(volunteer, "Say some words.")
    volunteer.finish(battle)
    assert volunteer.follow_up(battle, "Say more.").status_code == 302
    volunteer.finish(battle)
    assert volunteer.vote(battle, "A").status_code == 302
    return battle


def steps(there: Collector, trace: str) -> dict[tuple[str, str], int]:
    """Which process did what, and how often."""
    found: dict[tuple[str, str], int] = {}
    for name, spans in there.of(trace).items():
        for span in spans:
            found[span.process, name] = found.get((span.process, name), 0) + 1
    return found


def is_one_tree(spans: list[Received], trace: str) -> bool:
    root = first_of(trace).to_bytes(8)
    ids, parents = [span.id for span in spans], {span.parent for span in spans}
    return ids.count(root) == 1 and len(set(ids)) == len(ids) and parents == {b"", root}
