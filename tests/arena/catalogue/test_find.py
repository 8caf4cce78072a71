"""Names as they occur in the wild, resolved."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from arena.catalogue import Access, find, load
from tests.each import each

HERE = Path(__file__).parent
# The models of Chatbot Arena in August 2024.
CHATBOT_ARENA = (HERE / "chatbot_arena_2024_08.txt").read_text().split()
# Models of the LLMFAO crowd judgements of 2023: their API names and titles.
LLMFAO = [
    name for line in (HERE / "llmfao.txt").read_text().splitlines() for name in line.split("\t")
]


def found(name: str) -> str | None:
    model = find(name)
    return model.name if model else None


def test_fixtures_hold_all_names() -> None:
    assert (len(CHATBOT_ARENA), len(LLMFAO)) == (129, 2 * 70)


@each([*CHATBOT_ARENA, *LLMFAO])
def test_name_of_a_public_leaderboard_has_its_own_entry(name: str) -> None:
    model = find(name)
    assert model is not None
    assert model.name in load().models
    assert model.organisation
    assert model.access in Access


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("gpt-4-0314", "GPT-4-0314"),
        ("openai/gpt-4o-mini", "GPT-4o-mini-2024-07-18"),
        ("gpt-35-turbo", "GPT-3.5 Turbo"),
        ("mixtral-8x7b-instruct-v0.1", "Mixtral-8x7B-Instruct-v0.1"),
        ("Mixtral-8x7B-Instruct-v0.1.Q4_K_M.gguf", "Mixtral-8x7B-Instruct-v0.1"),
        ("meta-llama/Llama-2-7b-chat-hf", "Llama-2-7b-chat"),
        ("LLAMA 2 7B CHAT", "Llama-2-7b-chat"),
        ("TheBloke/Llama-2-7B-Chat-GGUF", "Llama-2-7b-chat"),
        ("llama2:7b-chat", "Llama-2-7b-chat"),
        ("llama3:8b-instruct-q4_K_M", "Llama-3-8b-Instruct"),
        ("qwen/qwen2.5-7b-instruct:free", "Qwen2.5-7B-Instruct"),
        ("meta.llama3-70b-instruct-v1:0", "Llama-3-70b-Instruct"),
        ("anthropic.claude-3-sonnet-20240229-v1:0", "Claude 3 Sonnet"),
        ("us.anthropic.claude-3-5-sonnet-20240620-v1:0", "Claude 3.5 Sonnet"),
        ("claude-3-5-sonnet@20240620", "Claude 3.5 Sonnet"),
        ("c4ai-command-r-plus", "Command R+"),
        ("SmolLM2 135M Instruct", "SmolLM2-135M-Instruct"),
    ],
)
def test_case_separators_owner_and_packaging_do_not_matter(name: str, entry: str) -> None:
    assert found(name) == entry


def test_dot_in_a_number_matters() -> None:
    assert found("Cerebras-GPT-1.3B") == "Cerebras-GPT-1.3B"
    assert found("cerebras/Cerebras-GPT-13B") == "Cerebras-GPT-13B"


def test_exact_name_comes_before_the_pattern_of_a_family() -> None:
    model = find("gpt-4")
    assert model is not None
    assert (model.name, model.context_length) == ("GPT-4", 8192)


def test_member_of_a_family_without_an_entry_has_what_the_whole_family_has() -> None:
    model = find("EleutherAI/pythia-160m-deduped")
    assert model is not None
    assert model.name not in load().models
    assert model.contestant() == {
        "name": "pythia-160m-deduped",
        "organisation": "EleutherAI",
        "licence": "Apache-2.0",
        "access": "OPEN_SOURCE",
        "parameters": 160_000_000,
        "active_parameters": None,
        "training_tokens": 299_892_736_000,
        "context_length": 2048,
        "release_date": None,
        "input_price": None,
        "output_price": None,
        "price_date": None,
        "price_source": "",
    }


def test_price_has_its_day_and_source() -> None:
    model = find("claude-3-haiku-20240307")
    assert model is not None
    found = model.contestant()
    assert (found["input_price"], found["output_price"]) == (Decimal("0.25"), Decimal("1.25"))
    assert found["price_date"] == date(2024, 3, 4)
    assert found["price_source"] == "https://www.anthropic.com/news/claude-3-family"


def test_member_of_a_family_has_no_fact_that_its_members_differ_in() -> None:
    model = find("gpt-4-32k-0613")
    assert model is not None
    assert (model.organisation, model.access) == ("OpenAI", Access.PROPRIETARY)
    assert (model.context_length, model.parameters, model.release_date) == (None, None, None)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "   ",
        "/",
        "xylophonic-9000",
        "gpt4-x-alpaca",
        "someone/llama-3-8b-finetune",
        "qwen2-999b",
    ],
)
def test_unknown_name_is_not_guessed(name: str) -> None:
    assert find(name) is None


@each(load().families)
def test_family_is_found_by_its_models(slug: str) -> None:
    models = [model for model in load().models.values() if model.family == slug]
    assert all(find(name) is model for model in models for name in (model.name, *model.aliases))
    assert models or load().families[slug].patterns
