"""Questions to model workers about what is elsewhere: the files of a repository on the hub, the
models of an API. Workers ask, because they hold the keys and tokens, and the site asks nobody.

Questions wait in one list per service, as for lengths (`counting`); each caller has a list of its
own for the reply. Both expire if nobody reads them.
"""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any, Self, TypeVar
from uuid import uuid4

import redis

from .errors import EngineError
from .fetching import Part
from .kinds import is_for, loaded
from .limits import ASKING
from .requests import encoded, key_service, known

ANY = "weights"  # the service of workers that add weights to their folder
_QUESTIONS = "ask:"
_ANSWERS = "asked:"
_AT_ONCE = 4
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)

logger = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True)
class OfRepository:
    """Which models does this repository hold?"""

    repository: str

    @property
    def service(self) -> str:
        return ANY


@dataclass(frozen=True)
class OfModels:
    """Which models does this API serve?"""

    backend: str
    url: str = ""  # "" for the provider's default
    key_variable: str = ""  # "" if it needs none

    @property
    def service(self) -> str:
        return key_service(self.key_variable)


Question = OfRepository | OfModels
_KINDS: dict[str, type[OfRepository] | type[OfModels]] = {
    kind.__name__: kind for kind in (OfRepository, OfModels)
}


@dataclass(frozen=True)
class Choice:
    """Weights in a repository: one file, or the parts of one."""

    name: str
    quantisation: str  # such as "Q4_K_M"; "" if its name has none
    parts: tuple[Part, ...]

    @property
    def path(self) -> str:
        """Its name with its folder: a repository may have a file of one name in several."""
        folder = self.parts[0].path.rpartition("/")[0]
        return f"{folder}/{self.name}" if folder else self.name

    @property
    def bytes(self) -> int:
        return sum(part.bytes for part in self.parts)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        parts = tuple(Part(**known(Part, each)) for each in data["parts"])
        return cls(**{**known(cls, data), "parts": parts})


@dataclass(frozen=True)
class Repository:
    name: str
    page: str  # its address, for people
    revision: str
    choices: tuple[Choice, ...]
    organisation: str = ""
    licence: str = ""
    licence_page: str = ""
    licence_text: str = ""
    is_gated: bool = False
    left_out: int = 0  # choices beyond those that a page can show

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        choices = tuple(Choice.from_dict(each) for each in data["choices"])
        return cls(**{**known(cls, data), "choices": choices})


@dataclass(frozen=True)
class Model:
    """A model of an API; missing texts are "", missing numbers 0 or None."""

    id: str
    name: str = ""
    organisation: str = ""
    context: int = 0  # tokens
    input_usd: float | None = None  # per million tokens
    output_usd: float | None = None


@dataclass(frozen=True)
class Models:
    models: tuple[Model, ...] = ()
    left_out: int = 0  # beyond those that a page can show

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        models = tuple(Model(**known(Model, each)) for each in data["models"])
        return cls(**{**known(cls, data), "models": models})


def check_repository(name: str) -> None:
    """Raises EngineError if no repository can have this name."""
    if not _REPOSITORY.fullmatch(name):
        raise EngineError(
            f"“{name[:100]}” is not the name of a repository: it is owner/name, such as "
            "bartowski/Llama-3.2-1B-Instruct-GGUF.",
            permanent=True,
        )


def ask_repository(connection: redis.Redis, repository: str) -> Repository:
    """Raises EngineError with a sentence: it is gated, missing, or no worker replied."""
    return _ask(connection, OfRepository(repository), Repository.from_dict)


def ask_models(connection: redis.Redis, question: OfModels) -> Models:
    """Raises EngineError with a sentence."""
    return _ask(connection, question, Models.from_dict)


def _ask(connection: redis.Redis, question: Question, read: Callable[[dict[str, Any]], T]) -> T:
    reply, key = _ANSWERS + str(uuid4()), _QUESTIONS + question.service
    asked = {"reply": reply, "kind": type(question).__name__, "question": asdict(question)}
    with connection.pipeline() as pipe:
        pipe.rpush(key, json.dumps(asked))
        pipe.ltrim(key, -ASKING.most_waiting, -1)
        pipe.expire(key, ASKING.kept_s)
        pipe.execute()
    try:
        said = loaded(_wait(connection, reply))
        if error := said.get("error"):
            raise EngineError(str(error), permanent=True)
        return read(said["answer"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EngineError("The model worker's reply cannot be read.", permanent=True) from error


def _wait(connection: redis.Redis, reply: str) -> bytes | str:
    until = time.monotonic() + ASKING.patience_s
    while (left := until - time.monotonic()) > 0:
        if heard := connection.blpop([reply], timeout=min(left, ASKING.listen_s)):
            return heard[1]
    raise EngineError(
        f"No model worker replied within {ASKING.patience_s:g} seconds. The status page says "
        "whether one is running; then try again.",
        permanent=False,
    )


class Asking(threading.Thread):
    """Answers questions to the services that `serves` returns, with `answer`, until stopped."""

    def __init__(
        self,
        connection: redis.Redis,
        serves: Callable[[], Sequence[str]],
        answer: Callable[[Question], Repository | Models],
    ) -> None:
        super().__init__(name="asking", daemon=True)
        self._connection = connection
        self._serves = serves
        self._answer = answer
        self._stopped = threading.Event()
        self._pool = ThreadPoolExecutor(_AT_ONCE, "asking")

    def run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._listen()
            except (redis.RedisError, OSError) as error:
                logger.warning("not hearing questions: %s", error)
                self._stopped.wait(ASKING.listen_s)
            except ValueError as error:
                logger.warning("a question is none: %s", error)

    def stop(self) -> None:
        self._stopped.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _listen(self) -> None:
        keys = [_QUESTIONS + name for name in self._serves()]
        if not keys:
            self._stopped.wait(ASKING.listen_s)
        elif heard := self._connection.blpop(keys, timeout=ASKING.listen_s):
            asked = loaded(heard[1])
            if not is_for(asked, _ANSWERS):
                raise ValueError("it wants its reply elsewhere")
            self._pool.submit(self._reply, asked)

    def _reply(self, asked: dict[str, Any]) -> None:
        try:
            with self._connection.pipeline() as pipe:
                pipe.rpush(asked["reply"], encoded(self._said(asked)))
                pipe.expire(asked["reply"], ASKING.kept_s)
                pipe.execute()
        except redis.RedisError as error:
            logger.warning("a reply could not be sent: %s", error)

    def _said(self, asked: dict[str, Any]) -> dict[str, Any]:
        try:
            kind = _KINDS[asked["kind"]]
            return {"answer": asdict(self._answer(kind(**known(kind, asked["question"]))))}
        except EngineError as error:
            return {"error": str(error)}
        except Exception as error:  # of any kind: the caller must get a reply
            logger.exception("could not answer %s", asked.get("kind"))
            return {"error": f"The model worker failed: {type(error).__name__}: {error}."}
