"""Counts the tokens of a conversation, or shows the prompt that becomes of it: the workers that
hold the weights are asked, and reply at once, concurrently with the answers they generate.

Questions wait in one list per weights; each caller has a list of its own for the replies. Both
expire if nobody reads them.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Any, Self
from uuid import uuid4

import redis

from .kinds import is_for, loaded
from .limits import COUNTING
from .prompts import Shown
from .requests import known

_QUESTIONS = "count:"
_ANSWERS = "counted:"
_MOST_TOKENS = 2**31

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Question:
    weights: str
    messages: list[dict[str, str]]
    prompt_format: str = ""
    shown: bool = False  # whether the prompt itself is wanted too

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        return cls(**known(cls, data))


def ask(
    connection: redis.Redis, questions: Sequence[Question], patience_s: float = COUNTING.patience_s
) -> list[int | None]:
    """The number of tokens of each; None where no worker replied in time or could count."""
    counts: list[int | None] = [None] * len(questions)
    for number, count, *_ in _replies(connection, questions, patience_s):
        counts[number] = count
    return counts


def show(
    connection: redis.Redis, questions: Sequence[Question], patience_s: float = COUNTING.patience_s
) -> list[Shown | None]:
    """The prompt of each; None where no worker replied in time, or it is older than this."""
    prompts: list[Shown | None] = [None] * len(questions)
    wanted = [replace(question, shown=True) for question in questions]
    for number, _, *rest in _replies(connection, wanted, patience_s):
        if rest and rest[0]:
            with suppress(TypeError, ValueError, AttributeError):  # no worker of ours has shown it
                prompts[number] = Shown.from_dict(rest[0])
    return prompts


def _replies(
    connection: redis.Redis, questions: Sequence[Question], patience_s: float
) -> Iterator[list[Any]]:
    if not questions:
        return
    reply = _ANSWERS + str(uuid4())
    _send(connection, questions, reply)
    until = time.monotonic() + patience_s
    for _ in questions:
        left = until - time.monotonic()
        answer = connection.blpop([reply], timeout=left) if left > 0 else None
        if answer is None:
            return
        if replied := _replied(answer[1], len(questions)):
            yield replied


def _replied(text: bytes | str, questions: int) -> list[Any] | None:
    """The number of a question, its count, and what else there is; None if it is nonsense."""
    try:
        said = loaded(text)
    except ValueError:
        return None
    is_right = (
        isinstance(said, list)
        and len(said) > 1
        and type(said[0]) is int
        and 0 <= said[0] < questions
        and (said[1] is None or (type(said[1]) is int and 0 <= said[1] < _MOST_TOKENS))
    )
    return said if is_right else None


def _send(connection: redis.Redis, questions: Sequence[Question], reply: str) -> None:
    with connection.pipeline(transaction=False) as pipe:
        for number, question in enumerate(questions):
            key = _QUESTIONS + question.weights
            pipe.rpush(key, json.dumps({"reply": reply, "number": number, **asdict(question)}))
            pipe.ltrim(key, -COUNTING.most_waiting, -1)
            pipe.expire(key, COUNTING.kept_s)
        pipe.execute()


class Counting(threading.Thread):
    """Answers questions about the weights that `serves` returns, with `count` and `show`, until
    stopped."""

    def __init__(
        self,
        connection: redis.Redis,
        serves: Callable[[], Sequence[str]],
        count: Callable[[Question], int],
        show: Callable[[Question], Shown],
    ) -> None:
        super().__init__(name="counting", daemon=True)
        self._connection = connection
        self._serves = serves
        self._count = count
        self._show = show
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._listen()
            except (redis.RedisError, OSError) as error:
                logger.warning("not hearing requests for lengths: %s", error)
                self._stopped.wait(COUNTING.listen_s)
            except ValueError as error:
                logger.warning("a request for a length is none: %s", error)

    def stop(self) -> None:
        self._stopped.set()

    def _listen(self) -> None:
        keys = [_QUESTIONS + name for name in self._serves()]
        if not keys:
            self._stopped.wait(COUNTING.listen_s)
        elif heard := self._connection.blpop(keys, timeout=COUNTING.listen_s):
            asked = loaded(heard[1])
            if not is_for(asked, _ANSWERS):
                raise ValueError("it wants its reply elsewhere")
            self._answer(asked)

    def _answer(self, asked: dict[str, object]) -> None:
        reply, number = str(asked.pop("reply")), asked.pop("number", None)
        with self._connection.pipeline() as pipe:
            pipe.rpush(reply, json.dumps([number, *self._answered(asked)]))
            pipe.expire(reply, COUNTING.kept_s)
            pipe.execute()

    def _answered(self, asked: dict[str, object]) -> list[Any]:
        """The count, and the prompt if it is wanted."""
        try:
            question = Question.from_dict(asked)
            if not question.shown:
                return [self._count(question)]
            shown = self._show(question)
            return [shown.tokens, asdict(shown)]
        except Exception as error:  # of any kind: the caller must get a reply
            logger.warning("could not count for %s: %s", asked.get("weights"), error)
            return [None]
