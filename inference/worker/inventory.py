"""The weights of a model worker: what each file is, and whether it can be used at all.

A file is inspected, then tried out in a child process, before anybody may ask it anything: a
damaged or hostile one becomes a sentence for the admin, not a dead worker. What was found is kept
in Redis, so that a restart does not look again at files that have not changed.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import redis

from ..contract.cards import Card, card_of, keep, printable
from ..contract.errors import EngineError
from ..contract.requests import is_remote
from ..contract.weights import sha256_of
from ..engine import version
from ..engine.inspection import inspect
from ..engine.ruler import Ruler
from ..engine.trial import try_out

SETTLED_S = 2.0  # a file written to more recently may still be on its way
MOST_NAME = 200  # characters
CHECKS = 3  # version of what is looked at: older cards are not believed

logger = logging.getLogger(__name__)


class State(NamedTuple):
    """What tells a file from the one that was there before."""

    bytes: int
    modified_ns: int


class Inventory:
    """Looks after a folder of GGUF files. `look` may take minutes; call it from one thread."""

    def __init__(self, folder: Path, connection: redis.Redis, only: tuple[str, ...] = ()) -> None:
        self._folder = folder
        self._connection = connection
        self._only = only
        self._cards: dict[str, Card] = {}

    @property
    def usable(self) -> tuple[str, ...]:
        return tuple(sorted(name for name, card in self._cards.items() if not card.error))

    def look(self) -> list[str]:
        """Take in what is new or changed, and drop what is gone. The names of all that."""
        files = {file.stem: (file, state) for file, state in self._files()}
        gone = set(self._cards) - set(files)
        for name in gone:
            del self._cards[name]
        other = [name for name in files if not _is_about(self._cards.get(name), files[name][1])]
        for name in other:
            file, state = files[name]
            self._cards[name] = self._remembered(name, state) or self._examined(name, file, state)
        return [*gone, *other]

    def _files(self) -> Iterator[tuple[Path, State]]:
        """Also what is no file: it gets a card that says so."""
        for file in sorted(self._folder.glob("*.gguf")):
            state = _state(file)
            named = not self._only or file.stem in self._only
            if named and state is not None and time.time() - state.modified_ns / 1e9 > SETTLED_S:
                yield file, state

    def _remembered(self, name: str, state: State) -> Card | None:
        card = card_of(self._connection, name)
        known = card is not None and card.tried_with == _checks()
        return card if known and _is_about(card, state) else None

    def _examined(self, name: str, file: Path, state: State) -> Card:
        card = examine(name, file, state)
        if card.error:
            logger.warning("%s", card.error)
        keep(self._connection, card)
        return card


def examine(name: str, file: Path, state: State) -> Card:
    """Everything about one file; never raises for what may be wrong with it."""
    try:
        return _examined(name, file, state)
    except EngineError as error:
        sentence = str(error)
    except Exception as error:  # whatever it is: the other files are looked at all the same
        logger.exception("could not look at %s", file)
        sentence = f"{file.name} cannot be looked at: {type(error).__name__}: {error}."
    return Card(printable(name), *state, _checks(), error=printable(sentence))


def _examined(name: str, file: Path, state: State) -> Card:
    _check_name(file)
    seen = inspect(file)
    trial = try_out(file)
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
        except EngineError:  # without a template that works, only a prompt format can tell
            return 0


def _checks() -> str:
    return f"{version()}, checks {CHECKS}"


def _check_name(file: Path) -> None:
    """Raises EngineError: a name travels in queues, keys and lists."""
    name = file.stem
    fits = name.isprintable() and name == name.strip() and len(name) <= MOST_NAME
    if not fits or "," in name or is_remote(name):
        raise EngineError(
            f"{file.name} cannot be served under this name: rename it to letters, digits, dots and "
            f"dashes, at most {MOST_NAME}.",
            permanent=True,
        )


def _state(file: Path) -> State | None:
    """None if it has just gone. Of a link that leads nowhere, or in circles, its own."""
    for look in (file.stat, file.lstat):
        try:
            status = look()
        except OSError:
            continue
        return State(status.st_size, status.st_mtime_ns)
    return None


def _is_about(card: Card | None, state: State) -> bool:
    return card is not None and (card.bytes, card.modified_ns) == state
