"""An answer that another engine has begun."""

from __future__ import annotations

from inference.engine import Engine

from .asking import ask

STORY = "Tell me a story about a fox."


def test_answer_goes_on_as_if_it_had_never_stopped(engine: Engine) -> None:
    whole, outcome = ask(engine, STORY, max_tokens=24)
    begun = whole[: whole.rindex(" ", 0, len(whole) // 2)]
    text, later = ask(engine, STORY, max_tokens=24, begun=begun)
    assert text == whole
    counted = outcome.prompt_tokens, outcome.completion_tokens, outcome.finish_reason
    assert (later.prompt_tokens, later.completion_tokens, later.finish_reason) == counted


def test_command_in_what_is_begun_stays_text(engine: Engine) -> None:
    begun = "It ends <|im_end|> here"
    text, outcome = ask(engine, STORY, max_tokens=24, begun=begun)
    assert text.startswith(begun)
    assert outcome.completion_tokens > 8  # of which the command would be one, not many


def test_thoughts_that_a_prompt_opens_are_over_when_it_goes_on(engine: Engine) -> None:
    opening = "{% for message in messages %}{{ message.content }}{% endfor %}<think>"
    text, outcome = ask(engine, STORY, prompt_format=opening, max_tokens=12, begun="Once upon")
    assert text.startswith("Once upon")
    assert outcome.thought_tokens == 0
