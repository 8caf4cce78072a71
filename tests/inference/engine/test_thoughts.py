"""Thoughts and answer are separated, however the text is split."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.contract.endings import FinishReason
from inference.engine.speech import Speech
from inference.text.thoughts import TAGS, Said, Thoughts, no_answer, opened_by

HARMONY = (
    "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant"
    "<|channel|>final<|message|>Yes.<|return|>"
)
CASES = {
    "plain": ("Yes.", "", "Yes."),
    "leading blanks of a plain answer": ("  \n  code", "", "  \n  code"),
    "nothing but blanks": (" \n", "", " \n"),
    "tags": ("<think>Hm.</think>\n\nYes.", "Hm.", "Yes."),
    "blanks before": ("\n <think>\nHm.\n</think> Yes.", "\nHm.\n", "Yes."),
    "empty thoughts": ("<think>\n\n</think>\n\nYes.", "\n\n", "Yes."),
    "twice": ("<think>One.</think>\n<think>Two.</think>Yes.", "One.Two.", "Yes."),
    "thoughts about tags": ("<think>a < b, </t <think></think>Yes.", "a < b, </t <think>", "Yes."),
    "no end": ("<think>Hm", "Hm", ""),
    "half an end": ("<think>Hm</thi", "Hm</thi", ""),
    "half a beginning": ("<thi", "", "<thi"),
    "another tag": ("<thistle> is a plant", "", "<thistle> is a plant"),
    "talk of tags": ("The tag <think>x</think> hides.", "", "The tag <think>x</think> hides."),
    "tag in code": ("`<think>` and `</think>`", "", "`<think>` and `</think>`"),
    "tags after thoughts": ("<think>Hm.</think>A <think>x</think>.", "Hm.", "A <think>x</think>."),
    "end alone": ("</think>\n\nYes.", "", "Yes."),
    "Mistral": ("[THINK]Hm.[/THINK]Yes.", "Hm.", "Yes."),
    "Kimi": ("◁think▷Hm.◁/think▷Yes.", "Hm.", "Yes."),
    "Harmony": (HARMONY, "Hm.", "Yes."),
    "Harmony without thoughts": (HARMONY.partition("assistant")[2], "", "Yes."),
}  # fmt: skip


def told_apart(thoughts: Thoughts, text: str, cuts: list[int]) -> Said:
    edges = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    said = [thoughts.feed(text[a:b]) for a, b in itertools.pairwise(edges)]
    said.append(thoughts.flush())
    return Said("".join(each.thoughts for each in said), "".join(each.answer for each in said))


@pytest.mark.parametrize("case", CASES)
@given(cuts=st.lists(st.integers(0, 200), max_size=12))
def test_thoughts_are_told_from_the_answer(case: str, cuts: list[int]) -> None:
    text, thoughts, answer = CASES[case]
    assert told_apart(Thoughts(), text, cuts) == (thoughts, answer)


@pytest.mark.parametrize("tag", TAGS)
@given(cuts=st.lists(st.integers(0, 200), max_size=12))
def test_every_tag_is_known(tag: str, cuts: list[int]) -> None:
    text = f"{tag}Hidden.{TAGS[tag]}\nYes, {tag} too."
    assert told_apart(Thoughts(), text, cuts) == ("Hidden.", f"Yes, {tag} too.")


@given(cuts=st.lists(st.integers(0, 200), max_size=12))
def test_thoughts_that_the_prompt_opened_need_no_opening(cuts: list[int]) -> None:
    text = "Hm.\n</think>\n\nYes."
    assert told_apart(Thoughts("<think>"), text, cuts) == ("Hm.\n", "Yes.")
    assert told_apart(Thoughts("<think>"), "Hm.", cuts) == ("Hm.", "")


@given(cuts=st.lists(st.integers(0, 200), max_size=12))
def test_thoughts_that_were_only_assumed_and_never_end_are_the_answer(cuts: list[int]) -> None:
    assert told_apart(Thoughts("<think>", assumed=True), "Yes, a < b.", cuts) == ("", "Yes, a < b.")
    text = "Hm.\n</think>\nYes."
    assert told_apart(Thoughts("<think>", assumed=True), text, cuts) == ("Hm.\n", "Yes.")


@pytest.mark.parametrize(
    ("text", "looks_so"),
    [
        ("Hm, well.\n</think>\n\nYes.", True),
        ("The tag `</think>` closes.", False),
        ("<think>Hm.</think>First:\n</think>\n", False),
    ],
)
def test_end_of_thoughts_that_never_began_is_noticed(text: str, looks_so: bool) -> None:
    thoughts = Thoughts()
    for letter in text:
        thoughts.feed(letter)
    assert thoughts.closed_unopened == looks_so


@pytest.mark.parametrize(
    ("prompt", "tag"),
    [
        ("<|User|>Hello<|Assistant|><think>\n", "<think>"),
        ("<|User|>Hello<|Assistant|>", ""),
        ("<|im_start|>assistant\n<think>\n\n</think>\n\n", ""),
        ("[INST]Hello[/INST][THINK]", "[THINK]"),
    ],
)
def test_prompt_that_opens_thoughts_is_known(prompt: str, tag: str) -> None:
    assert opened_by(prompt, [{"role": "user", "content": "Hello"}]) == tag


def test_tag_that_somebody_typed_opens_no_thoughts() -> None:
    typed = [{"role": "user", "content": "What is <think>"}]
    assert opened_by("What is <think>", typed) == ""
    assert opened_by("What is <think><|Assistant|><think>\n", typed) == "<think>"


def test_stop_string_ends_the_answer_and_not_its_thoughts() -> None:
    speech = Speech(("###",))
    said = speech.feed("<think>One ### two.</think>Yes.### No.")
    assert said == ("One ### two.", "Yes.")
    assert speech.stopped


def test_emoji_and_key_in_thoughts_and_answer_are_made_clean() -> None:
    speech = Speech(key="sk-1234")
    pieces = ["<thi", "nk>sk-12", "34 \ud83d", "\ude00\0</think>", "Yes sk-", "1234 \ud83d"]
    said = [*map(speech.feed, pieces), speech.flush()]
    assert "".join(each.thoughts for each in said) == "[key] 😀"
    assert "".join(each.answer for each in said) == "Yes [key] \N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(
    ("reason", "tokens", "sentence"),
    [
        (FinishReason.LENGTH, 2048, "It thought for 2,048 tokens, its limit, and gave no answer."),
        (FinishReason.STOP, 9, "It thought for 9 tokens and gave no answer."),
        (
            FinishReason.DEADLINE,
            9,
            "It was still thinking, after 9 tokens, when its 120 seconds ran out.",
        ),
    ],
)
def test_thoughts_without_an_answer_name_their_limit(
    reason: FinishReason, tokens: int, sentence: str
) -> None:
    assert no_answer(reason, tokens, 2048, 120) == sentence
