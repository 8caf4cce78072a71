"""Limits agree with each other, with the browser's scripts, with the settings and with the docs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings as configured

import arena.limits
import config.limits
import inference.contract.limits
import ratings.limits
from arena.limits import BATCH, LIVE, WATCHDOG, AnswerTimes
from inference.contract.limits import Limits

ROOT = Path(__file__).resolve().parent.parent
LAYERS = {
    "inference": inference.contract.limits,
    "arena": arena.limits,
    "ratings": ratings.limits,
    "config": config.limits,
}
PATIENCE = config.limits.Patience()
SENTENCE = r"^\w+ is [\d.,]+, but must be below \w+, which is [\d.,]+: otherwise .+\.$"

# Each order once the wrong way round: the group, the wrong limit, and what would happen.
VIOLATIONS: list[tuple[Limits, dict[str, float], str]] = [
    (inference.contract.limits.PRESENCE, {"kept_s": 2}, "make a live worker look dead"),
    (inference.contract.limits.PRESENCE, {"seen_s": 4}, "told which worker is gone"),
    (inference.contract.limits.STREAMS, {"write_every_s": 2}, "heartbeats would come late"),
    (inference.contract.limits.STREAMS, {"again_s": 30}, "give up before its first retry"),
    (inference.contract.limits.STREAMS, {"patience_s": 3600}, "a stream that has expired"),
    (inference.contract.limits.ANSWERS, {"silence_s": 120}, "before its silent API is noticed"),
    (inference.contract.limits.COUNTING, {"patience_s": 3}, "look like a broker that hangs"),
    (inference.contract.limits.COUNTING, {"listen_s": 4}, "look like a broker that hangs"),
    (inference.contract.limits.COUNTING, {"kept_s": 2}, "gone before its worker listens"),
    (inference.contract.limits.COUNTING, {"most_asked": 64}, "push out its own questions"),
    (inference.contract.limits.ASKING, {"listen_s": 4}, "look like a broker that hangs"),
    (inference.contract.limits.ASKING, {"patience_s": 9}, "give up before its worker does"),
    (inference.contract.limits.FETCHING, {"lease_s": 1}, "look like a dead worker"),
    (inference.contract.limits.FETCHING, {"silence_s": 300}, "would be forgotten while"),
    (inference.contract.limits.KEYS, {"kept_s": 30}, "forget its keys because a few packets"),
    (inference.contract.limits.TEXTS, {"template": 5_000_000}, "too long for its own prompt"),
    (inference.contract.limits.REPLIES, {"event_bytes": 9}, "details would be cut off"),
    (LIVE, {"fresh_s": 0.5}, "answered by the look before it"),
    (LIVE, {"silent_s": 1}, "an answer without new text would look dead"),
    (LIVE, {"beat_s": 6}, "leave connections that work"),
    (WATCHDOG, {"silent_s": 1}, "would be asked for twice"),
    (WATCHDOG, {"lost_s": 4}, "died would still count as free"),
    (WATCHDOG, {"gap_s": 2}, "the first after a gap"),
    (WATCHDOG, {"grace_every_s": 12}, "before their workers are back"),
    (WATCHDOG, {"grace_s": 10}, "while somebody watches it"),
    (WATCHDOG, {"absent_s": 10}, "while somebody watches it"),
    (BATCH, {"answer_s": 5}, "before its silence is noticed"),
    (BATCH, {"queue_s": 3290}, "would expire while it is written"),
    (BATCH, {"unserved_s": 3300}, "would expire while it is written"),
    (WATCHDOG, {"unserved_s": 7}, "died would still count as free"),
    (PATIENCE, {"running": 40.0}, "before their hung worker is started again"),
    (arena.limits.CAMPAIGNS, {"vote_s": 60}, "could not be voted on"),
    (arena.limits.TRYING, {"look_s": 6}, "less often than it changes by itself"),
    (arena.limits.ATTEMPTS, {"of_battle": 4}, "would count like a failure"),
    (arena.limits.RESTING, {"remembered_s": 3600}, "forgotten while it rests"),
    (arena.limits.PAUSING, {"failed_share": 1}, "no number of failures would be enough"),
    (arena.limits.PAUSING, {"answers": 6}, "before it ever rests"),
    (arena.limits.PAUSING, {"first_words_s": 120}, "cut off before they are too late"),
    (arena.limits.PAUSING, {"remembered_s": 3600}, "forgotten while it rests"),
    (arena.limits.PROCESSES, {"silent_s": 1}, "reported as silent"),
    (arena.limits.PROCESSES, {"slow_s": 2}, "reported as slow"),
    (arena.limits.PROMPTS, {"turns": 134}, "would not fit into any prompt"),
    (arena.limits.REASONS, {"comment_characters": 30_000}, "longer than what it is about"),
    (arena.limits.IMPORTS, {"unpacked_bytes": 1 << 30}, "less than a file without one"),
    (arena.limits.IMPORTS, {"item_characters": 1 << 20}, "could hold the longest value"),
    (arena.limits.IMPORTS, {"votes": 10**9}, "more votes than its file"),
    (arena.limits.OBJECTIONS, {"of_vote": 5}, "use up a whole day"),
    (ratings.limits.OWN_BOARDS, {"models": 5000}, "most models would have no vote"),
    (ratings.limits.CACHES, {"drafts_s": 1}, "a snapshot that is deleted"),
    (ratings.limits.CACHES, {"stale_s": 1}, "show before a new snapshot does"),
    (ratings.limits.BOARDS, {"slow_s": 60}, "allowed to be slow would be stopped"),
    (ratings.limits.BOARDS, {"first_pause_s": 3600}, "pauses would not grow"),
    (ratings.limits.RANGES, {"noted_s": 3600}, "deleted while somebody reads it"),
    (ratings.limits.REQUESTS, {"results": 500}, "refuse its own default"),
    (config.limits.CLOCK, {"lease_s": 1}, "two clocks would tick at once"),
    (config.limits.VITALS, {"loop_s": 4}, "a frozen broker would count as hanging"),
    (config.limits.VITALS, {"stuck_s": 60}, "while a task waits for the broker"),
    (PATIENCE, {"running": 1}, "live processes would be ended"),
    (config.limits.STOPPING, {"stop_s": 6}, "killed while its answers end"),
    (config.limits.REQUESTS, {"body_s": 10}, "no form could be sent"),
    (config.limits.REQUESTS, {"file_bytes": 1000}, "no file could be sent"),
    (config.limits.REQUESTS, {"small_bytes": 1 << 22}, "would count as large"),
    (config.limits.REQUESTS, {"large_of_network": 24}, "keep all others from sending"),
    (config.limits.REQUESTS, {"refused_s": 6}, "a single refusal would wait"),
    (config.limits.TASKS, {"redelivered_s": 3600}, "delivered to another worker"),
]


@pytest.mark.parametrize(
    ("group", "wrong", "otherwise"), VIOLATIONS, ids=lambda value: str(value)[:40]
)
def test_limits_in_the_wrong_order_are_refused_in_words(
    group: Limits, wrong: dict[str, float], otherwise: str
) -> None:
    with pytest.raises(ValueError, match=SENTENCE) as refusal:
        replace(group, **wrong)
    [name] = wrong
    assert name in str(refusal.value) or name == "unserved_s"
    assert otherwise in str(refusal.value)


def test_every_order_is_among_those_that_are_violated() -> None:
    given = [text for layer in LAYERS.values() for text in reasons(Path(str(layer.__file__)))]
    violated = [text for text in given if any(part in text for *_, part in VIOLATIONS)]
    assert given == violated != []


def reasons(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ascending":
            yield str(ast.literal_eval(node.args[0]))


@pytest.mark.parametrize("value", [0, -1, float("inf"), float("nan")])
def test_limit_that_is_no_positive_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match=r"^beat_s is .*, but must be above 0 and finite\.$"):
        replace(LIVE, beat_s=value)


def test_browser_waits_as_long_as_the_server_thinks() -> None:
    script = (ROOT / "static/js/line.js").read_text()
    waits = {name: int(ms) for name, ms in re.findall(r"const (\w+_MS) = ([\d_]+);", script)}
    ours = {"SILENT": LIVE.deaf_s, "STALE": LIVE.stale_s, "SPREAD": LIVE.spread_s}
    assert waits == {f"{name}_MS": 1000 * seconds for name, seconds in ours.items()}


def test_settings_are_the_limits_of_an_answer() -> None:
    assert AnswerTimes() == AnswerTimes(configured.ANSWER_SECONDS, configured.QUEUE_SECONDS)


ROW = re.compile(r"\| (.+?) \| (.+?) \| `(\w+)\.(\w+)\.(\w+)` \|")


def test_limits_in_the_docs_are_those_of_the_code() -> None:
    text = (ROOT / "docs/operating.md").read_text().partition("\n## Limits\n")[2]
    rows = ROW.findall(text.partition("\n## ")[0])
    assert len(rows) > 10
    for what, said, layer, group, name in rows:
        value = getattr(getattr(LAYERS[layer], group), name)
        assert said.startswith(as_people_say(name, value)), (what, said, value)


def as_people_say(name: str, value: float) -> str:
    if name.endswith("_bytes"):
        return f"{int(value) >> 30} GB" if value >= 1 << 30 else f"{int(value) >> 20} MB"
    return f"{value:,g} s" if name.endswith("_s") else f"{value:,}"
