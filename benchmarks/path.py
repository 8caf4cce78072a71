"""`make bench-path`: the overhead of the whole path over its parts.

1. From sending a prompt to the first visible words of both answers (HTTP, database, broker, model
   worker, stream, websocket), against the bare engine's first words for the same two jobs.
2. From a second `make up` to the first page, against the bare web process on running servers.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from benchmarks.figures import describe_machine, report
from config.embedded import Servers
from inference.contract.sampling import Sampling
from inference.contract.weights import SMOLLM2, fetch
from inference.engine import Engine, Job
from tests.live.site import ROOT, Site, free_port, until
from tests.live.volunteer import Volunteer

ROUNDS = 15
SUBJECTS = (
    "rain", "bread", "tides", "glass", "bees", "paper", "snow", "rust", "yeast", "maps", "salt",
    "clocks", "wool", "echoes", "moss", "kites", "soap", "chess",
)  # fmt: skip
SYSTEM = "You are a precise assistant. Answer in a few clear sentences."


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="evenhand-bench-"))
    folder.chmod(0o755)
    weights = fetch(SMOLLM2, Path(os.environ.get("WEIGHTS_DIR", ROOT / "var" / "weights")))
    try:
        start, bare = measure_start(folder / "var", weights.parent)
        site = Site(folder / "var", weights.parent)
        site.wait_ready()
        path, engine = measure_first_words(site, weights)
        site.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    describe_machine()
    report("second make up to first page", start / bare, 4.0, at_most=True, up_s=start, web_s=bare)
    report(
        "prompt to first visible words", path / engine, 3.0, at_most=True,
        path_s=path, engine_s=engine,
    )  # fmt: skip


def measure_first_words(site: Site, weights: Path) -> tuple[float, float]:
    """Medians [s] of the path and of the bare engine, alternating; the first rounds are warm-up."""
    engine = Engine(weights)
    paths, engines = [], []
    with Volunteer(site.url) as volunteer:
        for subject in SUBJECTS[: ROUNDS + 3]:
            prompt = f"Tell me something surprising about {subject}."
            paths.append(first_words_of_path(volunteer, prompt))
            engines.append(first_words_of_engine(engine, prompt))
    engine.close()
    return statistics.median(paths[3:]), statistics.median(engines[3:])


def first_words_of_path(volunteer: Volunteer, prompt: str) -> float:
    began = time.perf_counter()
    battle = volunteer.begin(prompt)
    volunteer.get(f"/battles/{battle}/")
    waiting = {"A", "B"}
    seconds = 0.0
    for frame in volunteer.watch(battle):
        waiting -= {pane["side"] for pane in frame.get("panes", [])}
        if not waiting and not seconds:
            seconds = time.perf_counter() - began
    return seconds  # read to the end, so that this battle does not run into the next measurement


def first_words_of_engine(engine: Engine, prompt: str, system: str = SYSTEM) -> float:
    said = [("system", system)] * bool(system) + [("user", prompt)]
    messages = tuple({"role": role, "content": content} for role, content in said)
    began = time.perf_counter()
    both = [
        engine.submit(Job(messages=messages, sampling=Sampling(temperature=0.7), max_tokens=8))
        for _ in range(2)
    ]
    for generation in both:
        text = ""
        while len(f"{text}.".split()) < 2 and generation.outcome is None:
            text += generation.read(timeout=1) or ""  # a word is complete when the next begins
    seconds = time.perf_counter() - began
    for generation in both:
        while generation.read(timeout=1) is not None:
            pass
    return seconds


def measure_start(var: Path, weights: Path) -> tuple[float, float]:
    """Medians [s] of a second `up` and of the bare web process, each to its first page."""
    Site(var, weights).stop_when_ready()  # the first run creates the databases
    ups, bares = [], []
    for _ in range(3):
        ups.append(time_of_up(var, weights))
        bares.append(time_of_web(var, weights))
    return statistics.median(ups), statistics.median(bares)


def time_of_up(var: Path, weights: Path) -> float:
    began = time.perf_counter()
    site = Site(var, weights)
    until(lambda: page_comes(site.url), "the first page")
    seconds = time.perf_counter() - began
    site.stop_when_ready()
    return seconds


def time_of_web(var: Path, weights: Path) -> float:
    with Servers(var, environ={}).running():
        port = free_port()
        command = ["-m", "uvicorn", "config.asgi:application", "--port", str(port)]
        environment = {**os.environ, "ARENA_VAR": str(var), "WEIGHTS_DIR": str(weights)}
        began = time.perf_counter()
        with subprocess.Popen(
            [sys.executable, *command, "--log-level", "warning"], env=environment, cwd=ROOT
        ) as process:
            until(lambda: page_comes(f"http://127.0.0.1:{port}"), "the first page")
            seconds = time.perf_counter() - began
            process.terminate()
        return seconds


def page_comes(url: str) -> bool:
    try:
        return httpx.get(f"{url}/", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


if __name__ == "__main__":
    main()
