"""Shortcuts to ask an engine and to wait for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from inference.contract.sampling import Sampling
from inference.engine import Engine, Generation, Job, Outcome

GREEDY = Sampling(temperature=0.0)
PLAIN = "{% for message in messages %}{{ message.content }}{% endfor %}"
EXAMPLES = (
    ("France", "Paris"), ("Egypt", "Cairo"), ("Russia", "Moscow"), ("China", "Beijing"),
    ("Greece", "Athens"), ("Norway", "Oslo"), ("Cuba", "Havana"), ("Peru", "Lima"),
    ("Austria", "Vienna"), ("Kenya", "Nairobi"), ("Poland", "Warsaw"),
)  # fmt: skip
CAPITALS = {"Japan": "Tokyo", "Germany": "Berlin", "England": "London", "Ireland": "Dublin"}
PATIENCE_S = 60.0  # a busy machine is slow, not broken


def job(prompt: str, **settings: Any) -> Job:
    messages = settings.pop("messages", None) or ({"role": "user", "content": prompt},)
    filled: dict[str, Any] = {
        "sampling": GREEDY,
        "max_tokens": 16,
        "deadline_s": PATIENCE_S,
    } | settings
    return Job(messages=tuple(messages), **filled)


def ask_capital(engine: Engine, country: str) -> Generation:
    """Ask a question that even this small model answers with such certainty that rounding cannot
    change it."""
    known = "".join(f"The capital of {name} is {city}. " for name, city in EXAMPLES)
    prompt = f"{known}The capital of {country} is"
    return engine.submit(job(prompt, prompt_format=PLAIN, max_tokens=1))


def ask(engine: Engine, prompt: str, **settings: Any) -> tuple[str, Outcome]:
    return read_all(engine.submit(job(prompt, **settings)))


def read_all(generation: Generation) -> tuple[str, Outcome]:
    until = time.monotonic() + PATIENCE_S
    pieces = []
    while (piece := generation.read(timeout=1.0)) is not None:
        pieces.append(piece)
        assert time.monotonic() < until, "the answer does not end"
    assert generation.outcome is not None
    return "".join(pieces), generation.outcome


def wait_until(holds: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < until, "what was waited for does not come"
        time.sleep(0.002)
