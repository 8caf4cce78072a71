"""An API that sends nonsense affects no answer but its own."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from inference.contract import streams
from inference.contract.requests import Endpoint, GenerateRequest, GenerateResult
from inference.contract.streams import Kind
from inference.worker.service import Worker

from .local_server import Body
from .odd_server import DONE, END, Answer, OddServer, odd_server, refusal, word

SLOW = "The Elbe rises in the Giant Mountains and ends in the North Sea. " * 3
HALF = "\N{REPLACEMENT CHARACTER}"
NONSENSE: dict[str, tuple[Answer, str]] = {
    "half an emoji": (Answer([word("A smile: \ud83d "), END, DONE]), f"A smile: {HALF} "),
    "an emoji in two": (Answer([word("\ud83d"), word("\ude00"), END, DONE]), "😀"),
    "NUL": (Answer([word("A zero\0 byte."), END, DONE]), "A zero byte."),
    "a page": (Answer([b"<html>"], headers={"content-type": "text/html"}), ""),
    "a long event": (Answer([b"data: " + b"x" * (1 << 22)]), ""),
    "a refusal with NUL": (refusal(400, {"error": {"message": "no \0 \ud83d"}}), ""),
    "nothing": (Answer([]), ""),
}


def answer(body: Body) -> Answer:
    if body["model"] in NONSENSE:
        return NONSENSE[body["model"]][0]

    def slowly() -> Iterator[bytes]:
        for each in SLOW.split(" "):
            yield word(each + " ")
            time.sleep(0.05)
        yield END + DONE

    return Answer(slowly)


def request(server: OddServer, model: str) -> GenerateRequest:
    return GenerateRequest(
        stream=str(uuid.uuid4()),
        attempt=1,
        weights="",
        backend="openai",
        endpoint=Endpoint(url=server.url, model=model, key_variable="", meter="test"),
        messages=[{"role": "user", "content": "Tell me about the Elbe."}],
        max_tokens=400,
    )


@pytest.mark.parametrize("model", NONSENSE)
def test_nonsense_of_one_api_disturbs_no_other_answer(
    worker: Worker, connection: redis.Redis, model: str
) -> None:
    def made(request: GenerateRequest) -> GenerateResult:
        streams.begin_attempt(connection, request.stream, 1)
        return worker.generate(request)

    with odd_server(answer) as server, ThreadPoolExecutor(8) as threads:
        others = [request(server, "slow") for _ in range(6)]
        running = [threads.submit(made, each) for each in others]
        time.sleep(0.5)
        odd = made(request(server, model))
        results = [each.result(timeout=30) for each in running]
    assert odd.text == NONSENSE[model][1]
    assert "\0" not in odd.error
    odd.error.encode()  # can be stored
    for each, result in zip(others, results, strict=True):
        assert (result.text, result.finish_reason, result.error) == (SLOW + " ", "stop", "")
        entries = streams.all_entries(connection, each.stream)
        assert "".join(entry.text for entry in entries if entry.kind is Kind.TEXT) == result.text
        assert {entry.attempt for entry in entries} == {1}
