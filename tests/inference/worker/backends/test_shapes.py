"""Every response shape that servers use is accepted; for any other, the error quotes what came."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from .conftest import Ask
from .odd_server import DONE, END, Answer, bytewise, chunk, event, odd_server, refusal, whole, word

SEA = "The sea is wide."
HALF = "\N{REPLACEMENT CHARACTER}"
SAID = word("The sea ") + word("is wide.")


def choice(**more: Any) -> bytes:
    return chunk(more)


def ended(reason: str) -> bytes:
    return chunk({"delta": {}, "finish_reason": reason})


SHAPES = {
    "comments": b": hello\n\n" + SAID + b": ping\n\n" + END + DONE,
    "CRLF": (SAID + END + DONE).replace(b"\n", b"\r\n"),
    "no blank after data:": (SAID + END + DONE).replace(b"data: ", b"data:"),
    "names, ids and retries": b"retry: 3000\nid: 1\nevent: message\n" + SAID + END + DONE,
    "byte order mark": b"\xef\xbb\xbf" + SAID + END + DONE,
    "data over two lines": b'data: {"choices": [{"delta":\ndata: {"content": '
    + b'"The sea is wide."}}]}\n\n'
    + END,
    "no delta": SAID + choice(content_filter_results={}) + END + DONE,
    "null delta": SAID + choice(delta=None) + END + DONE,
    "null content": choice(delta={"role": "assistant", "content": None}) + SAID + END,
    "role first": choice(delta={"role": "assistant", "content": ""}) + SAID + END + DONE,
    "no choices": event({"id": "x"}) + chunk(None) + event({"choices": None}) + SAID + END + DONE,
    "prompt filter of Azure": event({"choices": [], "prompt_filter_results": [{"index": 0}]})
    + SAID
    + choice(delta={}, content_filter_results={"hate": {"filtered": False}})
    + END
    + DONE,
    "null id": event({"id": None, "choices": [{"delta": {"content": SEA}}]}) + END + DONE,
    "other choices": SAID + event({"choices": [{"index": 1, "delta": {"content": "no"}}]}) + END,
    "parts": word([{"type": "text", "text": "The sea "}, {"type": "text", "text": "is wide."}])
    + END,
    "parts with values": word([{"type": "text", "text": {"value": SEA}}]) + END + DONE,
    "one part": word({"type": "text", "text": SEA}) + END + DONE,
    "parts with a picture": word([SEA, {"type": "image_url", "image_url": {"url": "x"}}]) + END,
    "message in place of delta": choice(message={"content": "The sea "})
    + choice(message={"content": "is wide."})
    + END,
    "message that grows": choice(message={"content": "The sea "})
    + choice(message={"content": SEA})
    + choice(message={"content": SEA}, finish_reason="stop"),
    "message at the end": word("The sea is ") + word("wide.")
    + choice(message={"content": SEA}, finish_reason="stop"),
    "text of older servers": choice(text="The sea ") + choice(text="is wide.") + END,
    "done without a reason": SAID + DONE,
    "reason without done": SAID + END,
    "eos": SAID + ended("eos") + DONE,
    "end_turn": SAID + ended("end_turn") + DONE,
    "reason with the last word": word("The sea ")
    + choice(delta={"content": "is wide."}, finish_reason="stop"),
    "last event not ended": SAID + END.rstrip(),
    "lines of JSON": b"".join(
        line.removeprefix(b"data: ").strip() + b"\n" for line in (*SAID.split(b"\n\n")[:2], END)
    ),
    "odd values": event({"choices": "x", "usage": [1]})
    + event({"choices": [None, 3]})
    + word(7)
    + SAID
    + END,
    "odd usage": SAID + END + chunk(None, usage={"prompt_tokens": "many"}) + DONE,
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_a_stream_is_an_answer(ask: Ask, shape: str) -> None:
    with odd_server(Answer([SHAPES[shape]])) as server:
        result = ask("openai", server.url)
    assert (result.text, result.finish_reason, result.error) == (SEA, "stop", "")


@pytest.mark.parametrize("shape", ["comments", "CRLF", "data over two lines", "lines of JSON"])
def test_stream_may_be_cut_anywhere(ask: Ask, shape: str) -> None:
    said = SHAPES[shape].replace(b"wide.", "wide: 海🌊.".encode())
    with odd_server(Answer(bytewise(said))) as server:
        assert ask("openai", server.url).text == "The sea is wide: 海🌊."


def test_packed_stream_is_unpacked_though_nobody_asked_for_it(ask: Ask) -> None:
    headers = {"content-type": "text/event-stream", "content-encoding": "gzip"}
    packed = gzip.compress(SAID + END + DONE)
    with odd_server(Answer([packed[:40], packed[40:]], headers=headers)) as server:
        assert ask("openai", server.url).text == SEA
        assert server.headers[0]["accept-encoding"] == "identity"


WHOLE = {"choices": [{"index": 0, "message": {"role": "assistant", "content": SEA}}]}


@pytest.mark.parametrize(
    ("backend", "content"),
    [
        ("openai", WHOLE),
        ("openai", {**WHOLE, "usage": {"prompt_tokens": 9, "completion_tokens": 5}}),
        ("openai", {"choices": [{"message": {"content": [{"type": "text", "text": SEA}]}}]}),
        (
            "anthropic",
            {
                "type": "message",
                "content": [{"type": "text", "text": SEA}],
                "stop_reason": "end_turn",
            },
        ),
    ],
)
def test_whole_answer_in_place_of_a_stream(ask: Ask, backend: str, content: object) -> None:
    for kind in ("application/json", "text/plain; charset=utf-8"):
        with odd_server(whole(content, kind)) as server:
            result = ask(backend, server.url)
        assert (result.text, result.finish_reason, result.error) == (SEA, "stop", "")
    with odd_server(Answer([json.dumps(content, indent=2).encode()])) as server:
        assert ask(backend, server.url).text == SEA


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("length", "length"),
        ("max_tokens", "length"),
        ("MAX_TOKENS", "length"),
        ("model_length", "length"),
        ("content_filter", "filtered"),
        ("SAFETY", "filtered"),
        ("whatever", "stop"),
    ],
)
def test_reason_in_the_words_of_any_server(ask: Ask, reason: str, told: str) -> None:
    with odd_server(Answer([SAID + ended(reason) + DONE])) as server:
        result = ask("openai", server.url)
    assert (result.text, result.finish_reason) == (SEA, told)


def test_answer_is_complete_though_the_server_does_not_hang_up(ask: Ask) -> None:
    def pieces() -> Any:
        yield SAID + END
        while True:
            yield b": still here\n\n"

    with odd_server(Answer(pieces)) as server:
        result = ask("openai", server.url)
    assert (result.text, result.finish_reason) == (SEA, "stop")
    assert result.total_s < 5


PAGE = b"<!doctype html><title>Log in</title>"
BROKEN = {
    "a page": (
        Answer([PAGE], headers={"content-type": "text/html; charset=utf-8"}),
        "that is not an answer. It had answered 200 text/html, beginning: <!doctype "
        "html><title>Log in",
    ),
    "nothing": (Answer([]), "It had answered 200 text/event-stream with an empty body"),
    "no end": (
        Answer([SAID]),
        "before the answer was complete. It had answered 200 text/event-stream, beginning: data: {",
    ),
    "an error in the stream": (
        Answer([SAID + event({"error": {"message": "Out of memory", "code": 500}})]),
        "Out of memory",
    ),
    "an error as a text": (Answer([event({"error": "Out of memory"})]), "Out of memory"),
    "an error by name": (
        Answer([SAID + b'event: error\ndata: {"message": "Out of memory"}\n\n']),
        "Out of memory",
    ),
    "an error of vLLM": (
        Answer([event({"object": "error", "message": "Out of memory"})]),
        "Out of memory",
    ),
    "an error in place of an answer": (whole({"error": {"message": "No credit"}}), "No credit"),
    "an error as the reason": (Answer([SAID + ended("error")]), "it ended with 'error'"),
    "no JSON": (Answer([SAID + b"data: {oops\n\n"]), "an event is not a JSON object: {oops"),
    "a list": (whole([1]), "that is not a JSON object. It had answered 200 application/json"),
    "deep JSON": (Answer([b"data: " + b"[" * 100_000 + b"\n\n"]), "is not a JSON object: [["),
    "another packing": (
        Answer([b"x"], headers={"content-type": "text/event-stream", "content-encoding": "br"}),
        "it is compressed as br, which was not requested",
    ),
    "not packed": (
        Answer([SAID], headers={"content-type": "text/event-stream", "content-encoding": "gzip"}),
        "it cannot be decompressed",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_no_answer_says_what_came(ask: Ask, case: str) -> None:
    answer, why = BROKEN[case]
    with odd_server(answer) as server:
        result = ask("openai", server.url)
    assert (result.finish_reason, result.permanent) == ("error", False)
    assert result.error.startswith("The API stopped early: ")
    assert why in result.error
    assert len(result.error) < 600


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"error": {"message": "No such model"}}, "No such model"),
        ({"error": "No such model"}, "No such model"),
        ({"message": "No such model"}, "No such model"),
        ({"detail": [{"loc": ["body"], "msg": "No such model"}]}, "No such model"),
        (b"<h1>No such model</h1>", "<h1>No such model</h1>"),
        (b"", "nothing"),
        (b"\xff" * 100_000, HALF * 500),
    ],
)
def test_refusal_is_told_in_its_own_words(ask: Ask, said: object, told: str) -> None:
    with odd_server(refusal(404, said)) as server:
        result = ask("openai", server.url)
    assert result.error == f"The API answered 404: {told}"
    assert result.permanent


def test_redirect_is_not_followed_and_says_where_to(ask: Ask) -> None:
    moved = Answer([], 307, {"location": "https://elsewhere.example/v1", "content-length": "0"})
    with odd_server(moved) as server:
        result = ask("openai", server.url)
    assert result.permanent
    assert "answered 307: it has moved to https://elsewhere.example/v1" in result.error
