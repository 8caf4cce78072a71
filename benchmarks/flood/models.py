"""What answers: a small model that needs the machine's cores, or an API that needs none of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arena.models import Contestant
from benchmarks.rigging.running import ROOT
from inference.contract import private_hosts
from inference.contract.weights import SMOLLM2, fetch
from tests import factories
from tests.inference.worker.backends.api_server import api_server
from tests.live.hosted import Paced

TOKENS = 40  # of an answer, at most
PAUSE_S = 0.15  # between those of the API


@dataclass(frozen=True)
class Worker:
    """How a model worker is started for them."""

    settings: dict[str, str]
    slots: tuple[str, ...]  # before the number of answers at a time

    def arguments(self, slots: int) -> list[str]:
        return ["manage", "inference_worker", *self.slots, str(slots)]


@contextmanager
def api(folder: Path) -> Iterator[Worker]:
    """Two models at one API, which needs 6 s for an answer."""
    words = Paced.of([f"word{n} " for n in range(TOKENS)], PAUSE_S)
    settings = {"WEIGHTS_DIR": str(folder), private_hosts.VARIABLE: private_hosts.THIS_MACHINE}
    with api_server(words=words) as server:
        at = {"backend": "openai", "weights": "", "url": server.url, "remote_model": "m"}
        with _entered("api", at):
            yield Worker(settings, ("--remote", "--remote-slots"))


@contextmanager
def smollm2(folder: Path) -> Iterator[Worker]:
    """Two models with the same weights."""
    weights = fetch(SMOLLM2, Path(os.environ.get("WEIGHTS_DIR", ROOT / "var" / "weights")))
    with _entered("smollm2", {"weights": weights.stem}):
        yield Worker({"WEIGHTS_DIR": str(weights.parent)}, ("--slots",))


@contextmanager
def _entered(name: str, at: dict[str, Any]) -> Iterator[None]:
    """While they are, no others are."""
    two = [factories.contestant(f"{name} {n}", state=Contestant.State.ACTIVE) for n in (1, 2)]
    for each in two:
        factories.revision(each, max_tokens=TOKENS, **at)
    yield
    for each in two:
        each.state = Contestant.State.RETIRED
        each.save()


MODELS = {"api": api, "smollm2": smollm2}
