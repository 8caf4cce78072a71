"""Finding answers that name their own model or maker, on 300 labelled answers.

The phrases in `arena/naming/data` were written and mended with the other answers in sight; those
held out (120) were only ever counted. docs/voters.md has the figures of both.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from time import process_time

import pytest

from arena.naming import Names, asks, named
from arena.naming.names import names_of

FILE = Path(__file__).parent / "answers.jsonl"
NAMES = names_of(frozenset({"Pocket 1 (4B)", "Evenhand Labs", "Quokka-2-7b-chat"}))
LONGEST = 30_000


@dataclass(frozen=True)
class Labelled:
    language: str
    names: bool
    text: str
    held_out: bool


LABELLED = [Labelled(**json.loads(line)) for line in FILE.read_text("utf-8").splitlines()]


def rates(some: list[Labelled]) -> tuple[float, float]:
    """Precision and recall."""
    found = [each for each in some if named(each.text, NAMES)]
    right = sum(each.names for each in found)
    return right / len(found), right / sum(each.names for each in some)


def test_labelled_set_has_what_is_said_of_it() -> None:
    assert len(LABELLED) == 300
    assert sum(each.names for each in LABELLED) == 150
    assert sum(each.held_out for each in LABELLED) == 120
    assert {each.language for each in LABELLED if each.names} >= {"en", "de", "fr", "es", "zh"}


@pytest.mark.parametrize("held_out", [False, True])
def test_self_naming_is_found_precisely_and_mostly(held_out: bool) -> None:
    precision, recall = rates([each for each in LABELLED if each.held_out is held_out])
    assert precision >= 0.98
    assert recall >= 0.9


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "zh"])
def test_self_naming_is_found_in_each_language_of_the_interface(language: str) -> None:
    precision, recall = rates([each for each in LABELLED if each.language == language])
    assert precision >= 0.98
    assert recall >= 0.85


@pytest.mark.parametrize(
    ("text", "is_named"),
    [
        ("I am Pocket 1 and I fit into a pocket.", True),
        ("I was made by Evenhand Labs.", True),
        ("I'm Quokka, a language model.", True),
        ("Quokkas live in Australia. I am fond of them.", False),
        ("I am quokka-sized.", False),
    ],
)
def test_names_come_from_the_registry(text: str, is_named: bool) -> None:
    assert bool(named(text, NAMES)) is is_named
    assert not named(text, names_of(frozenset()))


@pytest.mark.parametrize("text", ["I am <b>Llama</b>.", "I am **Llama**.", "I'm `Llama`, by Meta."])
def test_name_is_found_in_its_marks(text: str) -> None:
    assert named(text, names_of(frozenset()))


def test_bare_name_counts_only_as_an_answer_to_the_question() -> None:
    assert named("Claude, by Anthropic.", NAMES, asked=True)
    assert not named("Claude, by Anthropic.", NAMES)


def test_quotation_shows_where_it_was_found() -> None:
    text = "Paris.\n\nI am ChatGPT. " + "And so on. " * 100
    assert named(text, NAMES).startswith("Paris. I am ChatGPT.")


QUESTIONS = {
    "en": ["Who are you?", "Which model are you?", "Are you ChatGPT?", "who made you"],
    "de": ["Wer bist du?", "Wer hat dich entwickelt?", "Bist du Claude?"],
    "fr": ["Qui es-tu ?", "Qui t'a créé ?", "Quel est ton nom ?"],
    "es": ["¿Quién eres?", "¿Quién te creó?", "¿Eres ChatGPT?"],
    "zh": ["你是谁？", "谁开发了你？", "你是ChatGPT吗？", "你是什么模型？"],
}  # fmt: skip


@pytest.mark.parametrize("prompt", [each for some in QUESTIONS.values() for each in some])
def test_asking_for_identity_is_noticed(prompt: str) -> None:
    assert asks(f"Hi. {prompt} Thanks!", NAMES)


@pytest.mark.parametrize(
    "prompt",
    [
        "Who are your heroes?", "Who founded OpenAI?", "Are you sure?", "Who made the first clock?",
        "Translate “Who are you?” into German.", "Wer ist Claude Monet?", "Qui a créé Python ?",
        "¿Quién creó Python?", "OpenAI是谁创立的？", "Compare ChatGPT with Claude.",
    ],
)  # fmt: skip
def test_other_questions_are_not(prompt: str) -> None:
    assert not asks(prompt, NAMES)


BEFORE = ["I am a large language model ", "I am, ", "as a ", "\n— ", '"', "”“", "`", " ", "\n",
          "OpenAI created ", "OpenAI created me whether ", "I am an assistant, made by ",
          "我是由", ", made by a",
          "are you the ", "> ", "which a b c ", "a-", "me creó "]  # fmt: skip


@pytest.mark.parametrize("part", BEFORE)
def test_time_grows_with_the_length_and_no_faster(part: str) -> None:
    def seconds(length: int) -> float:
        text = (part * LONGEST)[:length]
        begun = process_time()
        named(text, NAMES, asked=True), asks(text, NAMES)
        return process_time() - begun

    seconds(100)  # compiles the expressions
    assert seconds(LONGEST) < max(8 * seconds(LONGEST // 4), 0.5)


def test_nothing_beyond_the_longest_answer_is_read() -> None:
    assert named("I am ChatGPT.".rjust(LONGEST), NAMES)
    begun = process_time()
    named("I am " * 1_000_000, NAMES)
    assert process_time() - begun < 10


def test_names_know_words_from_names() -> None:
    assert isinstance(NAMES, Names)
    assert NAMES.is_word("Claude")
    assert not NAMES.is_word("ChatGPT")
