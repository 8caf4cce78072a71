"""What a worker finds out about an API goes with its results, and what is fixed it knows from the
start."""

from __future__ import annotations

import pytest

from inference.contract import lessons
from inference.contract.requests import Endpoint, GenerateRequest, GenerateResult
from inference.worker.backends.terms import Terms

from .conftest import Ask
from .odd_server import DONE, END, Answer, odd_server, word
from .test_terms import NEW, OLD, SAID, SEA, speaking

LEARNED = {
    "stream_options": "without:stream_options",
    "new name": f"limit:{NEW}",
    "no limit": "limit:",
    "temperature": "without:temperature",
    "system role": "system-in-prompt",
}


@pytest.mark.parametrize(("dialect", "lesson"), LEARNED.items())
def test_what_was_learned_goes_with_the_result_and_can_be_fixed(
    ask: Ask, dialect: str, lesson: str
) -> None:
    with odd_server(speaking(dialect)) as server:
        first = ask("openai", server.url)
        assert (first.text, first.learned) == (SEA, (lesson,))
        assert GenerateResult.from_dict(first.to_dict()) == first
        calls = len(server.asked)
        fixed = ask("openai", server.url, lessons=(lesson,))
        assert (fixed.text, fixed.learned) == (SEA, ())
        assert len(server.asked) == calls + 1
    assert lessons.meaning(lesson)


def test_forgotten_lessons_are_learned_again(ask: Ask) -> None:
    with odd_server(speaking("temperature")) as server:
        for trial, calls in ((0, 2), (0, 3), (1, 5), (1, 6)):
            result = ask("openai", server.url, trial=trial)
            assert (result.learned, result.trial) == (("without:temperature",), trial)
            assert len(server.asked) == calls


def test_thoughts_without_a_mark_are_learned_although_the_answer_fails(ask: Ask) -> None:
    thoughts = Answer([word("Let me see.\n</think>\n"), word(SEA), END, DONE])
    with odd_server(lambda _: thoughts) as server:
        failed = ask("openai", server.url)
        assert "Its answer began with unmarked thoughts." in failed.error
        assert failed.learned == (lessons.THINKS, lessons.INSIDE)
        fixed = ask("openai", server.url, lessons=failed.learned)
        assert (fixed.text.strip(), fixed.learned) == (SEA, ())


def test_fixed_thoughts_stay_fixed_after_an_answer_without_any(ask: Ask) -> None:
    answers = [SAID, Answer([word("Hm.\n</think>\n"), word(SEA), END, DONE])]
    with odd_server(lambda _: answers.pop(0)) as server:
        fixed = (lessons.INSIDE, lessons.THINKS)
        ask("openai", server.url, lessons=fixed)
        assert ask("openai", server.url, lessons=fixed).text.strip() == SEA


def test_words_of_another_version_change_nothing() -> None:
    assert Terms().taught(["from-the-future", "limit:max_completion_tokens"]) == Terms(limit=NEW)
    assert lessons.meaning("from-the-future") == ""
    known = {"url": "", "model": "m", "key_variable": "", "meter": "", "lessons": ["thinks"]}
    request = {"stream": "s", "attempt": 1, "weights": "", "messages": [], "endpoint": known}
    endpoint = GenerateRequest.from_dict(request).endpoint
    assert endpoint == Endpoint("", "m", "", "", lessons=("thinks",))


def test_every_word_is_taught_as_it_was_learned() -> None:
    first = Terms(limit=OLD)
    found = Terms(NEW, True, frozenset({"stop", "seed"}), True, True, True, True)
    words = found.learned_since(first)
    assert all(lessons.meaning(each) for each in words)
    assert first.taught(words).learned_since(first) == words
