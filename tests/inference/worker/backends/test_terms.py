"""A request that an API rejects is sent once more in another form, and the accepted form is
remembered."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from inference.worker.backends.terms import Terms

from .conftest import Ask
from .local_server import Body
from .odd_server import DONE, END, Answer, odd_server, refusal, whole, word

SEA = "The sea is wide."
SAID = Answer([word(SEA), END, DONE])


def has_system(body: Body) -> bool:
    return any(message["role"] == "system" for message in body["messages"])


def unknown(body: Body, *names: str) -> str:
    extra = sorted(set(body) & set(names))
    return f"unknown fields: {extra}" if extra else ""


def refused(body: Body, *names: str) -> Answer | None:
    return refusal(422, {"error": said}) if (said := unknown(body, *names)) else None


def when(refused: bool, sentence: str) -> str:
    return sentence if refused else ""


OLD, NEW = "max_tokens", "max_completion_tokens"
EXTRA = {"loc": ["body", "stream_options"], "msg": "Extra inputs are not permitted"}
# How servers reject a call, each in its own dialect.
DIALECTS: dict[str, Callable[[Body], Any]] = {
    "stream_options": lambda body: when(
        "stream_options" in body, "Unrecognized request argument supplied: stream_options"
    ),
    "stream_options by its place": lambda body: "stream_options" in body and {"detail": [EXTRA]},
    "new name": lambda body: when(
        OLD in body, f"Unsupported parameter: '{OLD}' is not supported with this model. "
        f"Use '{NEW}' instead."
    ),
    "no limit": lambda body: unknown(body, OLD, NEW),
    "temperature": lambda body: when(
        "temperature" in body, "Unsupported value: 'temperature' does not support 0.5 with this "
        "model. Only the default (1) value is supported."
    ),
    "stop": lambda body: when("stop" in body, "Unsupported parameter: 'stop' is not supported."),
    "several": lambda body: unknown(body, *set(body) - {"model", "messages", "stream"}),
    "unnamed": lambda body: when(
        bool(set(body) - {"model", "messages", "stream", OLD}), "Extra inputs are not permitted"
    ),
    "system role": lambda body: when(has_system(body), "System role not supported"),
    "o1": lambda body: when(
        has_system(body), "Unsupported value: 'messages[0].role' does not support 'system'."
    ),
    "gemma": lambda body: when(
        has_system(body), "Developer instruction is not enabled for models/gemma-3-27b-it"
    ),
    "roles": lambda body: when(
        has_system(body), "Conversation roles must alternate user/assistant/user/assistant/..."
    ),
    "streaming": lambda body: when(
        bool(body.get("stream")), "Your organization must be verified for 'stream'."
    ),
}  # fmt: skip


def speaking(dialect: str, status: int = 400) -> Callable[[Body], Answer]:
    def answer(body: Body) -> Answer:
        if said := DIALECTS[dialect](body):
            error = {"error": {"message": said}} if isinstance(said, str) else said
            return refusal(status, error)
        return SAID if body.get("stream") else whole({"choices": [{"message": {"content": SEA}}]})

    return answer


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("status", [400, 422, 500])
def test_what_is_refused_is_asked_for_in_another_way_and_remembered(
    ask: Ask, dialect: str, status: int
) -> None:
    refused = {"no limit": 2, "several": 5}.get(dialect, 1)
    with odd_server(speaking(dialect, status)) as server:
        first = ask("openai", server.url)
        assert (first.text, first.finish_reason, first.error) == (SEA, "stop", "")
        assert len(server.asked) == refused + 1
        again = ask("openai", server.url)
        assert (again.text, again.error) == (SEA, "")
        assert len(server.asked) == refused + 2
        assert server.asked[-1] == server.asked[-2]


FAULTS = (
    "An unexpected error occurred",
    "An unexpected error occurred: unknown upstream status",
    "stream error: stream ID 3; INTERNAL_ERROR; received from peer",
    "Unexpected end of input stream",
    "unknown error: 'stream' closed by peer",
    "upstream stop",
    "system error: the role of this host is invalid",
    "The system is unavailable, only reads are answered",
    "failed at temperature check",
    'could not answer {"stream": true, "temperature": 0.5, "top_p": 0.9}: unsupported state',
)


@pytest.mark.parametrize("status", [200, 500, 501])
@pytest.mark.parametrize("fault", FAULTS)
def test_passing_fault_changes_no_terms(fault: str, status: int) -> None:
    text = json.dumps({"error": {"message": fault}})
    assert Terms().after(text, asked(), status) is None


@pytest.mark.parametrize("sentence", FAULTS[:4])
def test_refusal_that_only_uses_the_words_changes_no_terms(sentence: str) -> None:
    assert Terms().after(sentence, asked(), 400) is None


@pytest.mark.parametrize(
    ("refusal", "name"),
    [
        ("Unknown parameter: stop", "stop"),
        ("stop is not supported with this model", "stop"),
        ("This model does not support stream", "stream"),
        ("The stop parameter is not supported", "stop"),
        ("`stop` may have four strings at most", "stop"),
        ("temperature ranges from 0 to 1", "temperature"),
        ('{"error": {"message": "Invalid value", "param": "stop"}}', "stop"),
        ('{"error": {"temperature": ["Not a valid number."]}}', "temperature"),
        ('{"error": "{\\"message\\": \\"\\\\\\"top_p\\\\\\" is deprecated\\"}"}', "top_p"),
        ("got an unexpected keyword argument 'top_p'", "top_p"),
    ],
)
def test_parameter_that_a_refusal_names_is_left_out(refusal: str, name: str) -> None:
    assert Terms().after(refusal, asked(), 400) == Terms(left_out=frozenset({name}))


@pytest.mark.parametrize(
    "refusal",
    [
        "Unsupported parameter: top_p",
        "top_p is not supported",
        "Completions.create() got an unexpected keyword argument 'top_p'",
        '{"detail": [{"loc": ["body", "top_p"], "msg": "Extra inputs are not permitted"}]}',
    ],
)
@pytest.mark.parametrize("status", [200, 500, 501])
def test_fault_that_names_a_parameter_as_unsupported_is_a_refusal(
    refusal: str, status: int
) -> None:
    assert Terms().after(refusal, asked(), status) == Terms(left_out=frozenset({"top_p"}))


def test_passing_fault_is_asked_again_unchanged_and_nothing_is_remembered(ask: Ask) -> None:
    sampling = {"temperature": 0.5, "top_p": 0.9, "presence_penalty": 0.1}

    def answer(_: Body) -> Answer:
        fault = refusal(500, {"error": {"message": "An unexpected error occurred"}})
        return fault if len(server.asked) == 1 else SAID

    with odd_server(answer) as server:
        result = ask("openai", server.url, sampling=sampling)
        assert len(server.asked) == 2
        assert server.asked[0] == server.asked[1]
        assert {**server.asked[1], **sampling} == server.asked[1]
    assert (result.text, result.engine) == (SEA, "openai API")


def asked() -> Body:
    said = [{"role": role, "content": "Hi."} for role in ("system", "user")]
    body = {"model": "m", "messages": said, "max_tokens": 9, "stream": True, "stop": ["#"]}
    return {**body, "stream_options": {}, "temperature": 0.5, "top_p": 0.9}


def test_terms_of_one_model_are_not_those_of_another(ask: Ask) -> None:
    with odd_server(speaking("new name")) as server:
        for model in ("one", "two"):
            assert ask("openai", server.url, model=model).text == SEA
        assert len(server.asked) == 4


def test_system_prompt_that_is_refused_opens_the_first_message(ask: Ask) -> None:
    with odd_server(speaking("system role")) as server:
        result = ask("openai", server.url)
        messages = server.asked[-1]["messages"]
    assert messages == [{"role": "user", "content": "Be brief.\n\nTell me about the sea."}]
    assert result.engine == "openai API without system role"


def test_answer_made_without_a_parameter_says_so(
    ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    with odd_server(speaking("temperature")) as server, caplog.at_level(logging.WARNING):
        assert ask("openai", server.url).engine == "openai API without temperature"
        assert ask("openai", server.url).engine == "openai API without temperature"
    assert [record.getMessage() for record in caplog.records] == ["m is called without temperature"]


def test_stop_string_that_is_refused_is_kept_by_ourselves(ask: Ask) -> None:
    def answer(body: Body) -> Answer:
        said = Answer([word("Wide. #"), word("## And deep."), END])
        return refused(body, "stop") or said

    with odd_server(answer) as server:
        result = ask("openai", server.url)
    assert (result.text, result.finish_reason) == ("Wide. ", "stop")


def test_parameter_that_was_set_for_one_server_can_be_refused_by_another(ask: Ask) -> None:
    def answer(body: Body) -> Answer:
        return refused(body, "top_k", "min_p") or SAID

    with odd_server(answer) as server:
        result = ask("openai", server.url, sampling={"top_k": 40, "min_p": 0.1, "seed": 1})
        assert result.text == SEA
        assert server.asked[-1]["seed"] == 1
    assert result.engine == "openai API without min_p, top_k"


def test_anthropic_is_asked_in_other_terms_too(ask: Ask) -> None:
    message = {"type": "message", "content": [{"type": "text", "text": SEA}]}

    def answer(body: Body) -> Answer:
        return refused(body, "system", "temperature") or whole({**message, "stop_reason": "end"})

    with odd_server(answer) as server:
        assert ask("anthropic", server.url).text == SEA
        assert server.asked[-1]["messages"][0]["content"] == "Be brief.\n\nTell me about the sea."
        assert server.asked[-1]["max_tokens"] == 40


@pytest.mark.parametrize(
    "sentence", ["The model does not exist", "Invalid prompt", "context length exceeded"]
)
def test_refusal_that_is_about_something_else_stands(ask: Ask, sentence: str) -> None:
    with odd_server(refusal(400, {"error": {"message": sentence}})) as server:
        result = ask("openai", server.url)
        assert len(server.asked) == 1
    assert (result.error, result.permanent) == (f"The API answered 400: {sentence}", True)


def test_api_that_refuses_everything_is_not_asked_for_ever_and_its_first_word_stands(
    ask: Ask,
) -> None:
    def answer(body: Body) -> Answer:
        name = max(set(body) - {"model", "messages"}, default="model")
        return refusal(400, {"error": {"message": f"Unknown parameter: {name}"}})

    with odd_server(answer) as server:
        result = ask("openai", server.url)
        assert len(server.asked) < 12
    assert result.error == "The API answered 400: Unknown parameter: temperature"
    assert result.permanent


def test_refusal_in_place_of_an_answer_counts_as_one(ask: Ask) -> None:
    def answer(body: Body) -> Answer:
        error = {"error": {"message": "Unsupported parameter: 'stream_options'"}}
        return whole(error) if "stream_options" in body else SAID

    with odd_server(answer) as server:
        assert ask("openai", server.url).text == SEA


@pytest.mark.parametrize("header", [("retry-after", "1"), ("retry-after-ms", "900")])
def test_busy_api_is_asked_again_when_it_says(ask: Ask, header: tuple[str, str]) -> None:
    busy = Answer([], 429, {header[0]: header[1], "content-length": "0"})

    def answer(_: Body) -> Answer:
        return busy if len(server.asked) == 1 else SAID

    with odd_server(answer) as server:
        result = ask("openai", server.url)
    assert result.text == SEA
    assert 0.9 < result.total_s < 5


def test_api_is_not_asked_again_when_the_time_is_over_by_then(ask: Ask) -> None:
    def busy(_: Body) -> Answer:
        return Answer([b"slow down"], 429, {"retry-after": "3", "content-length": "9"})

    with odd_server(busy) as server:
        result = ask("openai", server.url, deadline_s=2.0)
        assert len(server.asked) == 1
    assert (result.error, result.permanent) == ("The API answered 429: slow down", False)


def test_api_that_is_busy_for_long_is_not_waited_for(ask: Ask) -> None:
    def busy(_: Body) -> Answer:
        return Answer([b"slow down"], 429, {"retry-after": "3600", "content-length": "9"})

    with odd_server(busy) as server:
        result = ask("openai", server.url)
        assert len(server.asked) == 1
    assert (result.error, result.permanent) == ("The API answered 429: slow down", False)
