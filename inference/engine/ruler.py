"""Counts the tokens of a conversation for a model, and shows them, without loading its weights."""

from __future__ import annotations

import threading
from collections import OrderedDict
from itertools import groupby
from pathlib import Path

import llama_cpp

from ..contract.prompts import Shown
from ..text import templates
from . import library
from .model import check_file, load
from .reader import Messages, Reader

MOST_OPEN = 8  # vocabularies in memory; a large one takes some 100 MB


class Ruler(Reader):
    """The vocabulary of one file. Frees it with `close`."""

    def __init__(self, weights: Path) -> None:
        library.start()
        check_file(weights)
        self._native = load(weights, vocab_only=True)
        super().__init__(self._native)

    def count(self, messages: Messages, prompt_format: str = "") -> int:
        """The number of tokens of the prompt that asks for the next answer."""
        return len(self.vocabulary.tokenise_prompt(*self.written(messages, prompt_format)))

    def show(self, messages: Messages, prompt_format: str = "") -> Shown:
        """The prompt that asks for the next answer, token by token."""
        tokens = self.vocabulary.tokenise_prompt(*self.written(messages, prompt_format))
        manner = templates.manner_of(prompt_format or self.chat_template)
        runs = [len([*run]) for is_bos, run in groupby(tokens, self.vocabulary.is_bos) if is_bos]
        return Shown(
            self.vocabulary.pieces_of(tokens),
            tokens=len(tokens),
            bos=sum(runs),
            bos_in_a_row=max(runs, default=0),
            folded=manner.folded,
        )

    def close(self) -> None:
        llama_cpp.llama_model_free(self._native)


class Rulers:
    """A cache of the most recently used rulers. Thread-safe; counts one conversation at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: OrderedDict[tuple[Path, int, int], Ruler] = OrderedDict()

    def count(self, weights: Path, messages: Messages, prompt_format: str = "") -> int:
        """Count tokens. Raises EngineError if the file is not a model, or its template fails."""
        with self._lock:
            return self._of(weights).count(messages, prompt_format)

    def show(self, weights: Path, messages: Messages, prompt_format: str = "") -> Shown:
        """Show the prompt. Raises as `count` does."""
        with self._lock:
            return self._of(weights).show(messages, prompt_format)

    def close(self) -> None:
        with self._lock:
            while self._open:
                self._open.popitem()[1].close()

    def _of(self, weights: Path) -> Ruler:
        check_file(weights)
        status = weights.stat()
        key = (weights, status.st_mtime_ns, status.st_size)
        if key not in self._open:
            self._open[key] = Ruler(weights)
        self._open.move_to_end(key)
        while len(self._open) > MOST_OPEN:
            self._open.popitem(last=False)[1].close()
        return self._open[key]
