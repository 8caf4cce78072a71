"""Tokens per second of the engine against llama.cpp's own server, at 1, 4, 8 and 16 answers.

Both get the same weights, slots, context, threads, prompts and lengths, in alternating rounds of
about a second, each in its own process, while the other is idle. The best round of each counts, as
other load on the machine can only slow a round down. llama.cpp's server comes from the package
xllamacpp and is called without HTTP, which is in its favour.
"""

from __future__ import annotations

import importlib.util
import itertools
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.figures import describe_machine, report
from evenhand.machine import usable_cores
from inference.contract.sampling import Sampling
from inference.contract.weights import SMOLLM2, fetch
from inference.engine import Engine, Hardware, Job

ROOT = Path(__file__).resolve().parent.parent
PEER = "xllamacpp"
PEER_VERSION = "2026.10.11549"  # the version behind the figures in the documentation
ANSWERS = (1, 4, 8, 16)  # at a time
POINT_S = 25.0  # how long each is measured,
FEWEST_ROUNDS = 4  # or longer, on a slow machine
LENGTH = 64  # tokens of an answer
CONTEXT = 1024  # tokens of a slot
TEMPERATURE = 0.7
SUBJECTS = (
    "fox", "hen", "river", "baker", "lighthouse", "clock", "violin", "glacier", "market", "orchard",
    "ferry", "library", "kite", "harbour", "meadow", "tunnel",
)  # fmt: skip


@dataclass(frozen=True)
class Round:
    """Concurrent answers: tokens, and seconds from the first question to the last word."""

    tokens: int
    seconds: float

    @property
    def speed(self) -> float:
        return self.tokens / self.seconds


def main() -> None:
    if importlib.util.find_spec(PEER) is None:
        sys.exit(
            "This compares with llama.cpp's own server. "
            f"Install it with: pip install {PEER}=={PEER_VERSION}"
        )
    folder = os.environ.get("ARENA_WEIGHTS_CACHE", ROOT / "var" / "weights")
    weights = fetch(SMOLLM2, Path(folder))
    results = {answers: compare(weights, answers) for answers in ANSWERS}
    describe_machine()
    print(f"engine on {Hardware()}; {PEER} as it was built")
    for answers, (ours, peers) in results.items():
        report(
            f"tokens/s at {answers} answers, against llama.cpp's server",
            max(ours) / max(peers),
            1.0,
            at_most=False,
            engine=max(ours),
            server=max(peers),
        )


def compare(weights: Path, answers: int) -> tuple[list[float], list[float]]:
    """Speeds of the engine and of the server, round by round [tokens/s]."""
    ours, peers = [], []
    engine = Engine(weights, slots=answers, context=CONTEXT)
    with running_peer(weights, answers) as ask_peer:
        until = time.monotonic() + POINT_S
        for number in itertools.count():  # the first round is a warm-up
            ours.append(time_engine(engine, prompts(number, answers)).speed)
            peers.append(ask_peer(prompts(number, answers)).speed)
            print(f"{answers:2} answers: {ours[-1]:6.1f} engine, {peers[-1]:6.1f} server, tokens/s")
            if number >= FEWEST_ROUNDS and time.monotonic() > until:
                break
    engine.close()
    return ours[1:], peers[1:]


def prompts(number: int, count: int) -> list[str]:
    return [
        f"Write a very long story about a {subject}. It begins on day {number}."
        for subject in SUBJECTS[:count]
    ]


def time_engine(engine: Engine, asked: list[str]) -> Round:
    def answer(prompt: str) -> int:
        sampling = Sampling(temperature=TEMPERATURE)
        job = Job(({"role": "user", "content": prompt},), sampling, LENGTH)
        generation = engine.submit(job)
        while generation.read(timeout=1.0) is not None:
            pass
        assert generation.outcome is not None
        return generation.outcome.completion_tokens

    return together(answer, asked)


def together(answer: Callable[[str], int], asked: list[str]) -> Round:
    """Ask all at once, each in a thread; `answer` returns the tokens of one."""
    tokens: list[int] = []
    threads = [threading.Thread(target=lambda p=p: tokens.append(answer(p))) for p in asked]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Round(sum(tokens), time.perf_counter() - began)


@contextmanager
def running_peer(weights: Path, slots: int) -> Iterator[Callable[[list[str]], Round]]:
    """llama.cpp's server in a process of its own; yields a function to ask it."""
    command = [sys.executable, "-m", "benchmarks.inference", "--peer", str(weights), str(slots)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        asking, answering = process.stdin, process.stdout

        def ask(asked: list[str]) -> Round:
            print(json.dumps(asked), file=asking, flush=True)
            for line in answering:
                if line.startswith('{"tokens"'):  # the server also logs
                    return Round(**json.loads(line))
            raise RuntimeError("llama.cpp's server has ended.")

        yield ask
        asking.close()


def serve_peer(weights: str, slots: int) -> None:
    """The child process: reads prompts from standard input, a line per round, and prints the
    result."""
    server = peer_server(weights, slots)

    def answer(prompt: str) -> int:
        request = {
            "messages": [{"role": "user", "content": prompt}],
            "max_tokens": LENGTH,
            "temperature": TEMPERATURE,
            "samplers": ["temperature"],  # as the engine's default
        }
        tokens: int = server.handle_chat_completions(request)["usage"]["completion_tokens"]
        return tokens

    for line in sys.stdin:
        done = together(answer, json.loads(line))
        print(json.dumps({"tokens": done.tokens, "seconds": done.seconds}), flush=True)


def peer_server(weights: str, slots: int) -> Any:
    peer = importlib.import_module(PEER)
    params = peer.CommonParams()
    params.model.path = weights
    params.n_parallel = slots
    params.n_ctx = slots * CONTEXT
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = usable_cores()
    return peer.Server(params)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--peer"]:
        serve_peer(sys.argv[2], int(sys.argv[3]))
        os._exit(0)  # the server's threads would keep the process alive
    main()
