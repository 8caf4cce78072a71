"""`make bench-inference`, second part: the overhead of the path to the browser.

1. Eight answers at once through Celery and Redis Streams, watched over Channels and the websocket,
   against the same eight jobs in the bare engine: tokens a second, from the first dispatch to the
   last words in the stream, and the 95th percentile of the gaps between two pieces of an answer.
   (Browsers show both sides later, by a clock of their own.) Once with all cores decoding, so that
   every other process takes time from them, and once with one core left free on both sides.
2. One battle alone: the delay of both sides' first words, counted from dispatch, over the bare
   engine's.
3. Two hundred websockets watch while sixteen answers are written: each must end with exactly the
   stored text.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from arena.markdown import blocks
from benchmarks.figures import describe_machine, report
from benchmarks.listening import Heard, listen
from benchmarks.path import first_words_of_engine
from evenhand.machine import usable_cores
from inference.contract.sampling import Sampling
from inference.contract.streams import Kind, all_entries
from inference.contract.weights import SMOLLM2, fetch
from inference.engine import Engine, Hardware, Job
from tests.live.site import ROOT, Site
from tests.live.volunteer import Volunteer, apply

ROUNDS = 12
ALONE = 9
BATTLES = 4
WATCHERS = 25  # of each of eight battles
PROMPT = "Write a long and detailed story about {}."
SUBJECTS = ("a lighthouse", "a glass city", "two rivers", "an old clock", "the last train",
            "a garden", "a lost map", "a winter market")  # fmt: skip
MAX_TOKENS = 256
SAMPLING = '{"temperature": 0.7}'
T = TypeVar("T")
Pair = tuple[T, T]  # of the path and of the bare engine


@dataclass
class Measured:
    """Figures of several concurrent answers."""

    tokens: int = 0
    seconds: float = 0.0  # from the first dispatch to the last words
    gaps: list[float] = field(default_factory=list)  # [s] between pieces of one answer

    @property
    def tokens_per_second(self) -> float:
        return self.tokens / self.seconds

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.gaps, n=20)[-1]


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="evenhand-bench-"))
    folder.chmod(0o755)
    weights = fetch(SMOLLM2, Path(os.environ.get("WEIGHTS_DIR", ROOT / "var" / "weights")))
    cores = usable_cores()
    try:
        with running(folder / "all", weights, cores) as site:
            on_all = in_turn(site, weights, cores), in_turn_alone(site, weights, cores)
            watched = asyncio.run(watch_together(site))
        with running(folder / "spare", weights, cores - 1) as site:
            on_fewer = in_turn(site, weights, cores - 1), in_turn_alone(site, weights, cores - 1)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    describe_machine()
    tell(*on_all, "all cores decode")
    tell(*on_fewer, "all cores but one decode")
    right = sum(watched) / len(watched)
    report(
        "websockets that saw every word in order", right, 1.0, at_most=False,
        websockets=len(watched),
    )  # fmt: skip


@contextmanager
def running(var: Path, weights: Path, threads: int) -> Iterator[Site]:
    """An arena with one model's weights for all, with length and sampling as in the bare engine."""
    var.parent.chmod(0o755)
    site = Site(var, weights.parent, MODEL_THREADS=str(threads))
    site.wait_ready()
    site.rows("UPDATE arena_contestant SET state = 'PAUSED' WHERE slug = 'smollm2-135m-q3'")
    same = f"max_tokens = {MAX_TOKENS}, system_prompt = '', sampling = '{SAMPLING}'"
    site.rows(f"UPDATE arena_revision SET {same}")
    yield site
    site.stop()


def tell(together: Pair[list[Measured]], alone: Pair[float], when: str) -> None:
    path, engine = ([m.tokens_per_second for m in side] for side in together)
    # Ratios of consecutive measurements: load by the machine's other tenants varies over minutes.
    ratios = [one / other for one, other in zip(path, engine, strict=True)]
    report(
        f"tokens/s of 8 answers through the whole path, {when}", statistics.median(ratios), 0.95,
        at_most=False, path=statistics.median(path), engine=statistics.median(engine),
        mean=statistics.mean(ratios), its_error=statistics.stdev(ratios) / len(ratios) ** 0.5,
    )  # fmt: skip
    path_s, engine_s = (statistics.median(m.p95 for m in side) for side in together)
    report(
        f"p95 gap between pieces, {when}", path_s / engine_s, 1.5, at_most=True,
        path_s=path_s, engine_s=engine_s,
    )  # fmt: skip
    path_s, engine_s = alone
    report(
        f"first words of a battle later than the bare engine's [ms], {when}",
        1000 * (path_s - engine_s), 30.0, at_most=True, path_s=path_s, engine_s=engine_s,
    )  # fmt: skip


def in_turn(site: Site, weights: Path, threads: int) -> Pair[list[Measured]]:
    engine = Engine(weights, hardware=Hardware(threads=threads))
    paths, engines = [], []
    for number in range(ROUNDS + 1):  # the first is a warm-up
        if number % 2:
            engines.append(in_the_engine(engine))
        paths.append(through_the_path(site))
        if not number % 2:
            engines.append(in_the_engine(engine))
    engine.close()
    return paths[1:], engines[1:]


def in_turn_alone(site: Site, weights: Path, threads: int) -> Pair[float]:
    """Medians [s] from dispatch to the first words of both sides."""
    engine = Engine(weights, hardware=Hardware(threads=threads))
    paths, engines = [], []
    for subject in (SUBJECTS * 3)[: ALONE + 3]:  # the first three are warm-up
        prompt = PROMPT.format(subject)
        paths.append(first_words(site, prompt))
        engines.append(first_words_of_engine(engine, prompt, system=""))
    engine.close()
    return statistics.median(paths[3:]), statistics.median(engines[3:])


def first_words(site: Site, prompt: str) -> float:
    silent, shown = {"A", "B"}, 0.0
    with Volunteer(site.url) as volunteer:
        public_id = volunteer.begin(prompt)
        for frame in volunteer.watch(public_id):  # to the end: nothing may run into what follows
            silent -= {pane["side"] for pane in frame.get("panes", [])}
            shown = shown or (0.0 if silent else time.time())
    [(dispatched,)] = site.rows(
        """SELECT extract(epoch FROM min(dispatched))::float8 FROM arena_answer a
           JOIN arena_turn t ON t.id = a.turn_id JOIN arena_battle b ON b.id = t.battle_id
           WHERE b.public_id = %s""",
        public_id,
    )
    return shown - float(dispatched)


def through_the_path(site: Site) -> Measured:
    """Volunteers who have the page open begin a battle each and watch it to its end."""
    with ExitStack() as stack:
        volunteers = [stack.enter_context(Volunteer(site.url)) for _ in range(BATTLES)]
        for volunteer in volunteers:
            volunteer.get("/")
        heard = asyncio.run(battle_together(volunteers))
    measured, last = Measured(), 0.0
    for pieces in written(site, list(heard)):
        measured.gaps += [after - before for before, after in pairwise(pieces)]
        last = max(last, pieces[-1])
    [(measured.tokens, dispatched)] = site.rows(
        """SELECT sum(a.completion_tokens), extract(epoch FROM min(dispatched))::float8
           FROM arena_answer a
           JOIN arena_turn t ON t.id = a.turn_id JOIN arena_battle b ON b.id = t.battle_id
           WHERE b.public_id = ANY(%s)""",
        list(heard),
    )
    measured.seconds = last - dispatched
    return measured


def written(site: Site, battles: list[str]) -> list[list[float]]:
    """When the pieces of each answer were written to its stream [s since the epoch]."""
    rows = site.rows(
        """SELECT a.stream FROM arena_answer a JOIN arena_turn t ON t.id = a.turn_id
           JOIN arena_battle b ON b.id = t.battle_id WHERE b.public_id = ANY(%s)""",
        battles,
    )
    with site.broker() as broker:
        streams = [all_entries(broker, str(stream)) for (stream,) in rows]
    return [[entry.at for entry in each if entry.kind is Kind.TEXT] for each in streams]


async def battle_together(volunteers: list[Volunteer]) -> dict[str, Heard]:
    """What each volunteer was sent, by battle."""

    async def battle(volunteer: Volunteer, subject: str) -> tuple[str, Heard]:
        public_id = await asyncio.to_thread(volunteer.begin, PROMPT.format(subject))
        return public_id, await listen(volunteer, public_id)

    return dict(await asyncio.gather(*map(battle, volunteers, SUBJECTS)))


def in_the_engine(engine: Engine) -> Measured:
    measured = Measured()
    began = time.perf_counter()

    def answer(subject: str) -> int:
        messages = ({"role": "user", "content": PROMPT.format(subject)},)
        sampling = Sampling(**json.loads(SAMPLING))
        job = Job(messages=messages, sampling=sampling, max_tokens=MAX_TOKENS)
        generation = engine.submit(job)
        last = 0.0
        while (piece := generation.read(timeout=1)) is not None:
            now = time.perf_counter()
            if piece and last:
                measured.gaps.append(now - last)
            last = now if piece else last
        return generation.outcome.completion_tokens if generation.outcome else 0

    measured.tokens = sum(together(answer, 2 * SUBJECTS[:BATTLES]))
    measured.seconds = time.perf_counter() - began
    return measured


def together(work: Callable[[str], T], subjects: tuple[str, ...]) -> list[T]:
    with ThreadPoolExecutor(len(subjects)) as pool:
        return list(pool.map(work, subjects))


async def watch_together(site: Site) -> list[bool]:
    """Whether each of many websockets ended with the stored text of its battle."""
    watchers = []
    for subject in SUBJECTS:
        with Volunteer(site.url) as volunteer:
            public_id = volunteer.begin(PROMPT.format(subject))
            watchers += [watch(site, volunteer, public_id) for _ in range(WATCHERS)]
    return await asyncio.gather(*watchers)


async def watch(site: Site, volunteer: Volunteer, public_id: str) -> bool:
    panes: dict[str, list[str]] = {"A": [], "B": []}
    for _, frame in await listen(volunteer, public_id):
        apply(panes, frame)
    stored = """SELECT a.side, a.text FROM arena_answer a JOIN arena_turn t ON t.id = a.turn_id
                JOIN arena_battle b ON b.id = t.battle_id WHERE b.public_id = %s"""
    rows = await asyncio.to_thread(site.rows, stored, public_id)
    return panes == {side: blocks(text) for side, text in rows}


if __name__ == "__main__":
    main()
