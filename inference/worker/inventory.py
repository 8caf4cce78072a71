"""The weights of a model worker: what each file holds, and whether it can be used at all.

A file is inspected, then tried out in a child process, before it serves requests: a damaged or
hostile file leads to a message for the admin, not to a dead worker. The results are kept in Redis,
so that a restart does not examine unchanged files again.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import redis

from ..contract.cards import Card, card_of, keep, printable
from ..contract.errors import EngineError
from ..contract.limits import TEXTS
from ..contract.requests import is_remote
from ..contract.weights import sha256_of
from ..engine import Hardware, version
from ..engine.hardware import USUAL
from ..engine.inspection import inspect
from ..engine.ruler import Ruler
from ..engine.trial import try_out

SETTLED_S = 2.0  # a file written to more recently may still be downloading
CHECKS = 3  # version of the checks: cards of older versions are ignored

_LATER_PART = re.compile(r"-(?!00001)\d{5}-of-\d{5}$")

logger = logging.getLogger(__name__)


class State(NamedTuple):
    """The size and time of a file, to tell whether it has changed."""

    bytes: int
    modified_ns: int


class Inventory:
    """Looks after a folder of GGUF files. `look` may take minutes; call it from one thread."""

    def __init__(
        self,
        folder: Path,
        connection: redis.Redis,
        only: tuple[str, ...] = (),
        hardware: Hardware = USUAL,
    ) -> None:
        self._folder = folder
        self._connection = connection
        self._only = only
        self._hardware = hardware
        self._cards: dict[str, Card] = {}

    @property
    def usable(self) -> tuple[str, ...]:
        return tuple(sorted(name for name, card in self._cards.items() if not card.error))

    @property
    def bare(self) -> tuple[str, ...]:
        """Usable weights without a chat template that works: they need a prompt format."""
        cards = self._cards.items()
        return tuple(sorted(n for n, c in cards if not c.error and not c.has_chat_template))

    def look(self) -> list[str]:
        """Examine new and changed files, and forget missing ones. Returns all those names."""
        files = {file.stem: (file, state) for file, state in self._files()}
        gone = set(self._cards) - set(files)
        # Replaced as a whole, never changed in place: the heartbeat's thread iterates over it.
        self._cards = {name: card for name, card in self._cards.items() if name in files}
        other = [name for name in files if not _is_about(self._cards.get(name), files[name][1])]
        for name in other:
            file, state = files[name]
            card = self._remembered(name, state) or self._examined(name, file, state)
            self._cards = {**self._cards, name: card}
        return [*gone, *other]

    def _files(self) -> Iterator[tuple[Path, State]]:
        """Includes folders and broken links, so that they get a card with an error."""
        for file in sorted(self._folder.glob("*.gguf")):
            state = _state(file)
            if _LATER_PART.search(file.stem):
                continue  # the first part's card says what to do with all of them
            named = not self._only or file.stem in self._only
            if named and state is not None and time.time() - state.modified_ns / 1e9 > SETTLED_S:
                yield file, state

    def _remembered(self, name: str, state: State) -> Card | None:
        card = card_of(self._connection, name)
        known = card is not None and card.tried_with == _checks()
        return card if known and _is_about(card, state) else None

    def _examined(self, name: str, file: Path, state: State) -> Card:
        card = examine(name, file, state, self._hardware)
        if card.error:
            logger.warning("%s", card.error)
        keep(self._connection, card)
        return card


def examine(name: str, file: Path, state: State, hardware: Hardware) -> Card:
    """Everything about one file. Never raises: a fault of the file becomes the card's error."""
    try:
        return _examined(name, file, state, hardware)
    except EngineError as error:
        sentence = str(error)
    except Exception as error:  # of any kind: the other files must be examined all the same
        logger.exception("could not look at %s", file)
        sentence = f"{file.name} cannot be read: {type(error).__name__}: {error}."
    return Card(printable(name), *state, _checks(), error=printable(sentence))


def _examined(name: str, file: Path, state: State, hardware: Hardware) -> Card:
    _check_name(file)
    seen = inspect(file)
    trial = try_out(file, hardware=hardware)
    return Card(
        name, *state, _checks(),
        sha256=sha256_of(file),
        architecture=seen.architecture,
        title=seen.name,
        parameters=seen.parameters,
        quantisation=seen.quantisation,
        context=seen.context,
        licence=seen.licence,
        has_chat_template=not trial.template_error,
        tokens_per_second=round(trial.tokens_per_second, 1),
        frame_tokens=_frame_tokens(file),
    )  # fmt: skip


def _frame_tokens(file: Path) -> int:
    with closing(Ruler(file)) as ruler:
        try:
            return ruler.count([{"role": "user", "content": "."}])
        except EngineError:  # without a working template it depends on the prompt format
            return 0


def _checks() -> str:
    return f"{version()}, checks {CHECKS}"


def _check_name(file: Path) -> None:
    """Raises EngineError if a name is unfit for the names of queues and keys, or for lists."""
    name = file.stem
    fits = name.isprintable() and name == name.strip() and len(name) <= TEXTS.weights_name
    if not fits or "," in name or is_remote(name):
        raise EngineError(
            f"{file.name} cannot be served under this name: rename it to letters, digits, dots and "
            f"dashes, at most {TEXTS.weights_name}.",
            permanent=True,
        )


def _state(file: Path) -> State | None:
    """The state of a file; None if it has just been deleted. For a broken link, its own state."""
    for look in (file.stat, file.lstat):
        try:
            status = look()
        except OSError:
            continue
        return State(status.st_size, status.st_mtime_ns)
    return None


def _is_about(card: Card | None, state: State) -> bool:
    return card is not None and (card.bytes, card.modified_ns) == state
