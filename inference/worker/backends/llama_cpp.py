"""GGUF weights in this process, through the engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from inference.contract.counting import Question
from inference.contract.errors import EngineError
from inference.contract.prompts import Shown
from inference.contract.requests import GenerateRequest
from inference.contract.sampling import Sampling
from inference.engine import Generation, Job, version
from inference.engine.ruler import Rulers
from inference.engine.shelf import Shelf

from . import Host


class Backend:
    """Weights load on demand and stay, within the host's memory."""

    def __init__(self, host: Host) -> None:
        self._folder = host.folder
        # The inventory has already tried out all weights that are requested.
        self.shelf = Shelf(
            host.ram_bytes,
            slots=host.slots,
            context=host.context,
            hardware=host.hardware,
            try_first=False,
        )
        self._rulers = Rulers()

    @contextmanager
    def generate(self, request: GenerateRequest) -> Iterator[Generation]:
        file = self._file(request.weights)
        with self.shelf.lease(file, patience_s=request.patience_left) as engine:
            generation = engine.submit(_job(request))
            try:
                yield generation
            finally:
                generation.cancel()  # if it is unfinished, nobody reads it any more

    def preload(self, weights: str) -> None:
        """Load `weights` if they fit without an eviction, so that the first voter need not wait."""
        file = self._file(weights)
        if self.shelf.has_room(file):
            with self.shelf.lease(file):
                pass

    def can_begin(self, weights: str) -> bool:
        try:
            return self.shelf.can_lease(self._file(weights))
        except EngineError:
            return True  # its answer will say why it cannot

    def renew(self, weights: str) -> None:
        """Reload the weights, since their file has changed."""
        self.shelf.renew(self._folder / f"{weights}.gguf")

    def count(self, question: Question) -> int:
        """The number of tokens in the prompt of a question. Raises EngineError."""
        file = self._file(question.weights)
        return self._rulers.count(file, question.messages, question.prompt_format)

    def show(self, question: Question) -> Shown:
        """The prompt of a question. A format that fails is told in it, as a sentence."""
        file = self._file(question.weights)
        try:
            return self._rulers.show(file, question.messages, question.prompt_format)
        except EngineError as error:
            return Shown(error=str(error))

    def describe(self, request: GenerateRequest) -> str:
        return f"llama.cpp {version()}"

    def learned(self, request: GenerateRequest) -> tuple[str, ...]:
        return ()  # a file says what it needs

    @property
    def occupied(self) -> dict[str, int]:
        return {e.weights.stem: e.slots - e.free_slots for e in self.shelf.engines}

    @property
    def tokens_per_second(self) -> float:
        return round(sum(engine.tokens_per_second for engine in self.shelf.engines), 1)

    def close(self) -> None:
        self.shelf.close()
        self._rulers.close()

    def _file(self, weights: str) -> Path:
        file = self._folder / f"{weights}.gguf"
        if file.parent != self._folder or not file.is_file():
            raise EngineError(
                f"There are no weights {weights!r} in {self._folder}.", permanent=True
            )
        return file


def _job(request: GenerateRequest) -> Job:
    return Job(
        messages=tuple(request.messages),
        sampling=Sampling.parse(request.sampling),
        max_tokens=request.max_tokens,
        max_thought_tokens=request.max_thought_tokens,
        stop=tuple(request.stop),
        deadline_s=request.deadline_s,
        patience_s=request.patience_left,
        prompt_format=request.prompt_format,
        client=request.client,
        begun=request.begun,
    )
