"""Votes with prompts in the file are counted in their slices."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from arena.counting.tallies import recounted
from arena.importing.labelling import answers_of, prompts_of, tags_of, texts_of
from arena.models import Campaign, Import, ImportedVote, Prompt, Tally

from . import samples
from .conftest import Bring

POEM = "Write a poem about the sea."
CODE = "Write a Python function that reverses a linked list, with unit tests."
TAGS = {
    "criteria_v0.1": dict.fromkeys("abcdef", True) | {"g": False},
    "if_v0.1": {"if": True, "score": 4},
    "math_v0.1": {"math": False},
    "creative_writing_v0.1": {"creative_writing": None, "score": None},
}


def said(*prompts: str) -> list[dict[str, str]]:
    return [
        part for text in prompts for part in (user(text), {"role": "assistant", "content": "A"})
    ]


def user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def in_parts(text: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": [{"type": "text", "text": text, "image": None}]}]


def feedback(text: str) -> dict[str, Any]:
    messages = {
        "1": user(text) | {"parentId": None},
        "2": {"role": "assistant", "content": "A", "parentId": "1"},
        "3": user("Something else") | {"parentId": "2"},
    }
    chat = {"chat": {"history": {"messages": messages, "currentId": "3"}}}
    return {"meta": {"message_id": "2"}, "snapshot": {"chat": chat}}


# format, the columns that hold a prompt
WITH_PROMPT = [
    ("arena-33k", lambda text: {"conversation_a": said(text)}),
    ("arena-55k", lambda text: {"prompt": json.dumps([text])}),
    ("arena-100k", lambda text: {"conversation_a": said(text), "is_code": None}),
    ("arena-140k", lambda text: {"conversation_a": in_parts(text)}),
    ("open-webui", feedback),
]


def one_vote(format: str, **columns: Any) -> list[dict[str, Any]]:
    return [samples.rows(format)[0] | columns]


@pytest.mark.parametrize(("format", "columns"), WITH_PROMPT)
@pytest.mark.parametrize(("prompt", "category"), [(POEM, "creative-writing"), (CODE, "coding")])
def test_prompt_is_labelled_by_rules(
    bring: Bring, tmp_path: Path, format: str, columns: Any, prompt: str, category: str
) -> None:
    bring(format, samples.write(tmp_path / "v.jsonl", one_vote(format, **columns(prompt))))
    vote = ImportedVote.objects.get()
    assert category in vote.labels.split()
    assert "length-short" in vote.labels.split()
    assert vote.language == "en"
    assert "rules 1" in Import.objects.get().labels
    assert POEM not in str(ImportedVote.objects.values().get())


ANSWER, OTHER = "**Yes**, it is.", "# No\n\n- one\n- two"
STYLE = [3, 0, 0, 1, 6, 1, 2, 0]  # words, headers, list items and bold spans of both


def answered(text: str) -> list[dict[str, Any]]:
    return [*in_parts(POEM), {"role": "assistant", "content": [{"type": "text", "text": text}]}]


def feedback_with_siblings() -> dict[str, Any]:
    """The rated answer is ada's, the other bea's; the third takes no part."""
    said = {"role": "assistant", "parentId": "1"}
    messages = {
        "1": user(POEM) | {"parentId": None},
        "2": said | {"content": ANSWER, "model": "ada"},
        "3": said | {"content": OTHER, "model": "bea"},
        "4": said | {"content": "A", "model": "cyd"},
    }
    chat = {"chat": {"history": {"messages": messages, "currentId": "2"}}}
    return {"meta": {"message_id": "2"}, "snapshot": {"chat": chat}}


WITH_ANSWERS = [
    *(
        (name, {"conversation_a": answered(ANSWER), "conversation_b": answered(OTHER)})
        for name in ("arena-33k", "arena-100k", "arena-140k")
    ),
    ("arena-55k", {"response_a": json.dumps([ANSWER]), "response_b": json.dumps([OTHER])}),
    ("open-webui", feedback_with_siblings()),
]


@pytest.mark.parametrize(("format", "columns"), WITH_ANSWERS)
def test_style_of_both_answers_is_kept(
    bring: Bring, tmp_path: Path, format: str, columns: dict[str, Any]
) -> None:
    bring(format, samples.write(tmp_path / "v.jsonl", one_vote(format, **columns)))
    assert ImportedVote.objects.get().style == STYLE


def test_crowd_votes_have_the_style_of_the_answers_shown(bring: Bring, tmp_path: Path) -> None:
    folder = samples.llmfao(tmp_path)
    answers = [
        {"id": n, "model": n, "prompt": p, "result": text}
        for p in range(2)
        for n, text in enumerate((ANSWER, OTHER))
    ]
    samples.write(folder / "results.jsonl", answers)  # cyd has given none
    bring("llmfao", folder)
    of = dict(ImportedVote.objects.values_list("pk", "style").order_by("pk"))
    assert [*of.values()][:3] == [STYLE, STYLE, STYLE[4:] + STYLE[:4]]
    assert [*of.values()][3:10] == [None] * 7


@pytest.mark.parametrize("format", ["csv", "fastchat-log", "open-webui"])
def test_vote_without_answers_has_no_style(bring: Bring, tmp_path: Path, format: str) -> None:
    bring(format, samples.write(tmp_path / "v.jsonl", one_vote(format)) if format != "csv" else
          samples.write(tmp_path / "v.csv", one_vote(format)))  # fmt: skip
    assert ImportedVote.objects.get().style is None


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
def test_release_s_own_tags_win(bring: Bring, tmp_path: Path, suffix: str) -> None:
    """The tags: no code, instruction following, hard; no tag for creative writing."""
    columns = {"conversation_a": said(CODE), "category_tag": TAGS, "is_code": False}
    rows = one_vote("arena-100k", **columns, language="German")
    path = tmp_path / f"votes{suffix}"
    if suffix == ".parquet":
        pd.DataFrame(rows).to_parquet(path)
    else:
        nested = ("conversation_a", "conversation_b", "category_tag")
        flat = {name: json.dumps(rows[0][name]) for name in nested}
        samples.write(path, [rows[0] | flat] if suffix == ".csv" else rows)
    bring("arena-100k", path)
    vote = ImportedVote.objects.get()
    assert vote.labels == "instruction-following hard length-short"
    assert vote.language == "de"
    assert Import.objects.get().labels == "the release; rules 1 where it says nothing"


def test_votes_count_in_the_slices_of_their_prompts(bring: Bring, tmp_path: Path) -> None:
    rows = [row | {"conversation_a": in_parts(POEM)} for row in samples.rows("arena-140k")]
    bring("arena-140k", samples.write(tmp_path / "v.jsonl", rows))
    slices = {"overall", "creative-writing", "length-short", "language-en", "month-2025-05"}
    assert set(Tally.objects.values_list("slice", flat=True)) == slices
    kept = {(t.slice, t.first_id, t.second_id): t.first_wins for t in Tally.objects.all()}
    again = recounted(Campaign.objects.get().pk)
    assert kept == {key: counts[0] for key, counts in again.items()}


def test_crowd_votes_have_the_labels_of_their_prompts(bring: Bring, tmp_path: Path) -> None:
    folder = samples.llmfao(tmp_path)
    samples.write(folder / "prompts.jsonl", [
        {"id": 0, "text": POEM, "slug": "poem"}, {"id": 1, "text": CODE, "slug": "code"}
    ])  # fmt: skip
    bring("llmfao", folder)
    assert Prompt.objects.count() == 2
    of_poem = ImportedVote.objects.filter(item__startswith="poem")
    assert of_poem.count() == of_poem.filter(labels="creative-writing length-short").count() == 6


def test_language_that_nobody_knows_is_found_in_the_prompt(bring: Bring, tmp_path: Path) -> None:
    text = "Wie hoch ist der Brocken, und wann wurde er zuerst bestiegen?"
    rows = one_vote("arena-33k", conversation_a=said(text), language="unknown")
    bring("arena-33k", samples.write(tmp_path / "v.jsonl", rows))
    assert ImportedVote.objects.get().language == "de"


@pytest.mark.parametrize("broken", [None, "", "[{", 7, {"a": 1}, [1, {"role": "user"}, None]])
def test_conversation_that_can_t_be_read_has_no_prompts(broken: Any) -> None:
    assert prompts_of(broken) == []
    assert answers_of(broken) == []
    assert texts_of(broken) == []
    assert tags_of({"category_tag": broken, "is_code": broken}) == {}


def test_vote_without_readable_texts_still_counts(bring: Bring, tmp_path: Path) -> None:
    rows = one_vote("arena-33k", conversation_a="[{")
    assert bring("arena-33k", samples.write(tmp_path / "v.jsonl", rows)).votes == 1
    assert ImportedVote.objects.get().labels == ""


def test_chat_that_leads_in_a_circle_ends(bring: Bring, tmp_path: Path) -> None:
    messages = {"1": user(POEM) | {"parentId": "2"}, "2": {"role": "assistant", "parentId": "1"}}
    chat = {"chat": {"history": {"messages": messages}}}
    columns = {"meta": {"message_id": "2"}, "snapshot": {"chat": chat}}
    bring("open-webui", samples.write(tmp_path / "v.jsonl", one_vote("open-webui", **columns)))
    assert "creative-writing" in ImportedVote.objects.get().labels
