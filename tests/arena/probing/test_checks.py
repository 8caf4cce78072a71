"""What each check says about which answers. Nothing here is stored."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pytest_django import Settings

from arena.models import Contestant, ProbeAnswer, Revision
from arena.probing.checks import CHECKS
from arena.probing.evidence import SHOWN, Evidence, messages_by_name
from arena.probing.questions import BY_NAME
from inference.contract.prompts import Piece, Shown

from .conftest import RIGHT

BAD_STOP = {"finish_reason": "length"}


def evidence(
    texts: dict[str, str] | None = None,
    revision: dict[str, Any] | None = None,
    shown: dict[str, Any] | None = None,
    every: dict[str, Any] | None = None,
    **changes: dict[str, Any],
) -> Evidence:
    """Of a model without a fault, except for `texts`; `every` and `changes` are about answers."""
    of = Revision(
        contestant=Contestant(name="Zebrawood 7B Instruct", organisation="Quokka Works"),
        **{"weights": "zebrawood", "max_tokens": 512, **(revision or {})},
    )
    usual = {
        "state": "DONE", "finish_reason": "stop", "first_token_s": 0.5, "tokens_per_second": 50.0,
        "engine": "llama.cpp 1", "prompt_tokens": 20, "completion_tokens": 5,
    }  # fmt: skip
    said = {**RIGHT, **(texts or {})}
    answers = {
        name: ProbeAnswer(
            question=name,
            prompt=BY_NAME[name].prompt,
            text=text,
            **{**usual, **(every or {}), **changes.get(name.replace("-", "_"), {})},
        )
        for name, text in said.items()
    }
    prompts = {} if of.is_remote else {name: prompt(of, name, shown or {}) for name in SHOWN}
    return Evidence(of, answers, prompts)


def prompt(revision: Revision, name: str, changes: dict[str, Any]) -> Shown:
    pieces = [Piece("<s>", control=True)]
    pieces += [Piece(f"{each['content']}\n") for each in messages_by_name(revision, name)]
    return replace(Shown(pieces, tokens=20, bos=1, bos_in_a_row=1), **changes)


def says(title: str, given: Evidence) -> tuple[str, str]:
    finding = CHECKS[title](given)
    assert finding.sentence.endswith((".", "”."))
    assert bool(finding.advice) == (finding.colour in ("amber", "red"))
    return finding.colour.value, finding.sentence


REMOTE = {"backend": "openai", "weights": "", "remote_model": "m"}
CASES: list[tuple[str, dict[str, Any], str, str]] = [
    ("Answers", {}, "green", "All 8 questions"),
    ("Answers", {"texts": {"sum": "…!"}}, "red", "1 of 8 answers have no words, such as “…!”"),
    ("Answers", {"sum": {"state": "FAILED", "error": "attempt 1: no quota"}}, "red", "No quota."),
    ("Speed", {}, "green", "First words after 0.5 s, 50 tokens per second."),
    ("Speed", {"every": {"first_token_s": 12.0}}, "amber", "after 12.0 s"),
    ("Speed", {"every": {"tokens_per_second": 3.0}, "revision": {"max_tokens": 60}}, "amber",
     "People read faster"),
    ("Speed", {"every": {"tokens_per_second": 4.0}}, "amber", "would take 128 s, of which"),
    ("Speed", {"sum": {"finish_reason": "deadline", "deadline_s": 120.0}}, "red", "their 120 s"),
    ("Prompt format", {}, "green", "20 tokens by the format in its file, 1 of them control"),
    ("Prompt format", {"shown": {"error": "The prompt format failed: x."}}, "red", "failed: x."),
    ("Prompt format", {"shown": {"pieces": [Piece("<s>", True)]}}, "red", "leaves out a part"),
    ("Prompt format", {"revision": REMOTE}, "none", "Does not apply"),
    ("Beginning of the text", {}, "green", "exactly one BOS"),
    ("Beginning of the text", {"shown": {"bos": 2, "bos_in_a_row": 2}}, "red", "2 times in a row"),
    ("Beginning of the text", {"shown": {"bos": 2}}, "green", "also begins each turn"),  # ChatML
    ("Beginning of the text", {"shown": {"bos": 5}}, "red", "5 times in a single turn"),
    ("Beginning of the text", {"shown": {"bos": 0, "bos_in_a_row": 0}}, "green", "gets none"),
    ("Stops by itself", {}, "green", "All 8 answers ended by themselves."),
    ("Stops by itself", {"sum": BAD_STOP}, "amber", "1 of 8 answers ran to the limit of 256"),
    ("Stops by itself", {"every": BAD_STOP}, "red", "8 of 8 answers ran to the limit of 256"),
    ("Stops by itself", {"every": BAD_STOP, "revision": {"max_tokens": 20}}, "amber", "of 20"),
    ("No control tokens in answers", {}, "green", "No answer contains"),
    ("No control tokens in answers", {"texts": {"sum": "4\nHuman: And 3 + 3?"}}, "amber", "Human:"),
    ("Two turns", {}, "green", "knows what was said"),
    ("Two turns", {"texts": {"second-turn": "Tom."}}, "amber", "did not recall"),
    ("Two turns", {"second_turn": {"state": "FAILED", "error": "attempt 1: roles must alternate"}},
     "red", "Roles must alternate."),
    ("System prompt", {}, "green", "follows it."),
    ("System prompt", {"texts": {"system": "Hello!"}}, "amber", "did not follow it."),
    ("System prompt", {"shown": {"folded": True}}, "green", "no system role"),
    ("System prompt", {"revision": REMOTE, "every": {"engine": "openai API without system role"}},
     "green", "no system role"),
    ("System prompt", {"shown": {"pieces": []}}, "amber", "leaves out the system prompt"),
    ("System prompt", {"shown": {"pieces": []}, "revision": {"system_prompt": "Be kind."}}, "red",
     "leaves out the system prompt"),
    ("Five easy questions", {}, "green", "5 of 5 are right."),
    ("Five easy questions", {"texts": {"sum": "It is 14.", "json": "{colour}"}}, "amber",
     "3 of 5 are right. Wrong: a sum: “It is 14”; JSON: “{colour}”."),
    ("Stays anonymous", {}, "green", "No answer says which model it is"),
    ("Stays anonymous", {"texts": {"who": "I am ChatGPT."}}, "amber", "“I am ChatGPT.”"),
    ("Stays anonymous", {"texts": {"who": "I was made at Quokka."}}, "amber",
     "“I was made at Quokka.”"),
    ("Thoughts", {}, "green", "It does not think"),
    ("Thoughts", {"sum": {"thoughts": "Two and two …", "thought_tokens": 40}}, "green",
     "before 1 of 8 answers, for up to 40 tokens of 2,048"),
    ("Refuses nothing harmless", {}, "green", "refused none"),
    ("Refuses nothing harmless", {"texts": {"capital": "I’m sorry, but I can’t."}}, "amber",
     "1 of 8 harmless questions, such as a capital"),
    ("Token counts of the API", {}, "none", "Does not apply"),
    ("Token counts of the API", {"revision": REMOTE, "every": {"reports_usage": True}}, "green",
     "200 for this probe"),
    ("Token counts of the API", {"revision": REMOTE, "sum": {"reports_usage": False}}, "amber",
     "answers came without token counts"),
    ("Parameters", {"revision": REMOTE}, "green", "accepts all"),
    ("Parameters", {"revision": REMOTE, "every": {"engine": "openai API without seed, top_k"}},
     "amber", "does not accept: seed, top_k."),
]  # fmt: skip


def test_every_check_has_cases() -> None:
    assert {title for title, *_ in CASES} == set(CHECKS)


@pytest.mark.parametrize(("title", "given", "colour", "part"), CASES)
def test_check_says_what_it_found(
    title: str, given: dict[str, Any], colour: str, part: str, settings: Settings
) -> None:
    settings.ANSWER_SECONDS = 120.0
    said, sentence = says(title, evidence(**given))
    assert (said, part in sentence) == (colour, True), sentence


@pytest.mark.parametrize(
    "mark",
    ["<|im_end|>", "[INST]", "### Human:", "</s>", "<end_of_turn>", "<｜end▁of▁sentence｜>",
     "<|eot_id|>", "</think>", "## Response:", "[/INST]", "<<SYS>>", "### Assistant"],
)  # fmt: skip
def test_mark_of_a_prompt_format_in_an_answer_is_red(mark: str) -> None:
    colour, sentence = says("No control tokens in answers", evidence({"sum": f"4\n{mark} more"}))
    assert colour == "red"
    assert f"“{mark}”" in sentence


@pytest.mark.parametrize(
    "text", ["<b>4</b>", "a < b | c > d", "## Answer\n4", "Step 1: add", "[4]"]
)
def test_usual_text_is_no_mark(text: str) -> None:
    assert says("No control tokens in answers", evidence({"sum": text}))[0] == "green"


def test_nothing_is_said_about_answers_that_are_not_there() -> None:
    failed = evidence(every={"state": "FAILED", "error": "attempt 1: no key"})
    said = {title: CHECKS[title](failed).colour.value for title in CHECKS}
    assert said.pop("Answers") == "red"
    assert said.pop("Prompt format") == said.pop("Beginning of the text") == "green"
    assert set(said.values()) == {"none"}
