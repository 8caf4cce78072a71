"""Prompt formats, written by the renderer that the engine uses."""

from __future__ import annotations

import pytest

from arena.catalogue import PromptFormat, load
from inference.text.templates import render

SYSTEM = {"role": "system", "content": "Be brief."}
TURNS = [
    {"role": "user", "content": "Name a fruit."},
    {"role": "assistant", "content": "Quince."},
    {"role": "user", "content": "Another?"},
]
FORMATS = load().formats

WRITTEN = {
    "chatml": (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nName a fruit.<|im_end|>\n"
        "<|im_start|>assistant\nQuince.<|im_end|>\n<|im_start|>user\nAnother?<|im_end|>\n"
        "<|im_start|>assistant\n"
    ),
    "llama-2": (
        "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nName a fruit. [/INST] Quince. </s>"
        "<s>[INST] Another? [/INST]"
    ),
    "mistral": "<s>[INST] Be brief.\n\nName a fruit. [/INST] Quince.</s>[INST] Another? [/INST]",
    "vicuna": "Be brief. USER: Name a fruit. ASSISTANT: Quince.</s>USER: Another? ASSISTANT:",
    "koala": (
        "BEGINNING OF CONVERSATION: USER: Be brief.\n\nName a fruit. GPT:Quince.</s>"
        "USER: Another? GPT:"
    ),
    "alpaca": (
        "Be brief.\n\n### Instruction:\nName a fruit.\n\n### Response:Quince.</s>\n\n"
        "### Instruction:\nAnother?\n\n### Response:"
    ),
    "dolly": (
        "Be brief.\n\n### Instruction:\nName a fruit.\n\n### Response:\nQuince.\n\n### End\n\n"
        "### Instruction:\nAnother?\n\n### Response:\n"
    ),
    "falcon-180b-chat": (
        "System: Be brief.\nUser: Name a fruit.\nFalcon: Quince.\nUser: Another?\nFalcon:"
    ),
    "gemma": (
        "<s><start_of_turn>user\nBe brief.\n\nName a fruit.<end_of_turn>\n<start_of_turn>model\n"
        "Quince.<end_of_turn>\n<start_of_turn>user\nAnother?<end_of_turn>\n<start_of_turn>model\n"
    ),
    "transcript": "Be brief.\nUser: Name a fruit.\nAssistant: Quince.\nUser: Another?\nAssistant:",
}


def written(format_: PromptFormat, messages: list[dict[str, str]]) -> str:
    return render(format_.template, messages, bos_token="<s>", eos_token="</s>")


@pytest.mark.parametrize("messages", [TURNS, [SYSTEM, *TURNS]], ids=["plain", "with system"])
@pytest.mark.parametrize("format_", FORMATS.values(), ids=lambda format_: format_.name)
def test_conversation_is_written_in_order_up_to_where_the_assistant_speaks(
    format_: PromptFormat, messages: list[dict[str, str]]
) -> None:
    text = written(format_, messages)
    places = [text.find(message["content"]) for message in messages]
    assert -1 not in places
    assert places == sorted(places)
    assert all(text.count(message["content"]) == 1 for message in messages)
    assert text.endswith(format_.opening)


@pytest.mark.parametrize("format_", FORMATS.values(), ids=lambda format_: format_.name)
def test_answer_would_stop_before_the_next_turn_of_the_volunteer(format_: PromptFormat) -> None:
    """Cut at a stop string or at the end token, an answer never contains the next user turn."""
    shorter, longer = written(format_, TURNS[:1]), written(format_, TURNS)
    assert longer.startswith(shorter)
    answer = longer[len(shorter) :].split("</s>")[0]
    ends = [answer.find(stop) for stop in format_.stop if stop in answer]
    assert answer[: min(ends, default=len(answer))].strip() == "Quince."


@pytest.mark.parametrize("name", WRITTEN)
def test_format_is_written_as_the_model_was_trained(name: str) -> None:
    assert written(FORMATS[name], [SYSTEM, *TURNS]) == WRITTEN[name]
