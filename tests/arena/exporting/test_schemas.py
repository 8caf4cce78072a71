"""The exact columns and values of each release."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from arena.exporting.formats import FORMATS
from arena.exporting.outlet import export
from arena.models import (
    BattleLabels,
    Campaign,
    Contestant,
    Import,
    ImportedVote,
    Reason,
    Remark,
    Vote,
    VoteReason,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("votes")]
ARENA = ("arena-33k", "arena-55k", "arena-100k", "arena-140k")

COLUMNS = {
    "arena-33k": "question_id model_a model_b winner judge conversation_a conversation_b turn "
    "anony language tstamp openai_moderation toxic_chat_tag",
    "arena-55k": "id model_a model_b prompt response_a response_b winner_model_a winner_model_b "
    "winner_tie",
    "arena-100k": "question_id model_a model_b winner conversation_a conversation_b turn anony "
    "language tstamp conv_metadata is_code is_refusal dedup_tag category_tag judge_hash",
    "arena-140k": "id model_a model_b winner evaluation_session_id evaluation_order "
    "conversation_a conversation_b full_conversation conv_metadata category_tag language is_code "
    "timestamp",
}
COMPARIA_REASONS = (
    "useful", "complete", "creative", "clear_formatting", "incorrect", "superficial",
    "instructions_not_followed",
)  # fmt: skip
METADATA = {
    "sum_user_tokens", "sum_assistant_a_tokens", "sum_assistant_b_tokens", "context_a_tokens",
    "context_b_tokens", "turns", "header_count_a", "header_count_b", "list_count_a",
    "list_count_b", "bold_count_a", "bold_count_b",
}  # fmt: skip


def rows(format: str, folder: Path) -> list[dict[str, Any]]:
    path = folder / f"{format}.jsonl"
    export(FORMATS[format], path, "ours")
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize("format", ARENA)
def test_columns_are_those_of_the_release(tmp_path: Path, format: str) -> None:
    assert {" ".join(row) for row in rows(format, tmp_path)} == {COLUMNS[format]}


@pytest.mark.parametrize("format", FORMATS)
def test_rows_have_the_columns_in_their_order(
    campaign: Campaign, tmp_path: Path, format: str
) -> None:
    source = Import.objects.create(campaign=campaign, name="file", format="csv", sha256="0" * 64)
    first, second = Contestant.objects.order_by("pk")[:2]
    ImportedVote.objects.create(
        source=source, contestant_a=first, contestant_b=second, verdict="A", voter="somebody"
    )
    names = [tuple(row) for row in rows(format, tmp_path)]
    assert len(names) > 1
    assert set(names) == {tuple(FORMATS[format].columns)}


@pytest.mark.parametrize("format", ARENA)
def test_parquet_has_the_same_columns_and_rows(tmp_path: Path, format: str) -> None:
    export(FORMATS[format], tmp_path / "votes.parquet", "ours")
    frame = pd.read_parquet(tmp_path / "votes.parquet")
    assert " ".join(frame.columns) == COLUMNS[format]
    assert list(frame["model_a"]) == [row["model_a"] for row in rows(format, tmp_path)]


def test_33k_row_is_as_released(tmp_path: Path) -> None:
    first, *_ = rows("arena-33k", tmp_path)
    assert (first["model_a"], first["model_b"], first["winner"]) == ("Ada 1", "Bea 2", "model_a")
    assert [message["role"] for message in first["conversation_a"]] == ["user", "assistant"] * 2
    assert first["conversation_b"][1]["content"].startswith("# Bea 2")
    assert (first["turn"], first["anony"], first["language"]) == (2, True, "English")
    assert isinstance(first["tstamp"], float)


@pytest.mark.parametrize(
    ("format", "words"),
    [
        ("arena-33k", ["model_a", "model_a", "model_b", "tie", "tie (bothbad)", "model_b"]),
        ("arena-100k", ["model_a", "model_a", "model_b", "tie", "tie (bothbad)", "model_b"]),
        ("arena-140k", ["model_a", "model_a", "model_b", "tie", "both_bad", "model_b"]),
    ],
)
def test_winner_is_in_the_words_of_the_release(
    tmp_path: Path, format: str, words: list[str]
) -> None:
    assert [row["winner"] for row in rows(format, tmp_path)] == words


def test_55k_has_texts_as_lists_in_json(tmp_path: Path) -> None:
    *_, tie, bad, last = rows("arena-55k", tmp_path)
    assert len(json.loads(tie["prompt"])) == len(json.loads(tie["response_b"])) == 2
    names = ("winner_model_a", "winner_model_b", "winner_tie")
    assert [[row[name] for name in names] for row in (tie, bad, last)] == [
        [0, 0, 1], [0, 0, 1], [0, 1, 0]
    ]  # fmt: skip


def test_140k_tells_lengths_and_markdown(tmp_path: Path) -> None:
    first, second, *_ = rows("arena-140k", tmp_path)
    told = first["conv_metadata"]
    assert set(told) == METADATA
    assert (told["turns"], told["sum_assistant_a_tokens"]) == (2, 14)
    assert told["header_count_a"] == {"h1": 2, "h2": 0, "h3": 0, "h4": 0, "h5": 0, "h6": 0}
    assert told["list_count_b"] == {"ordered": 0, "unordered": 2}
    assert told["bold_count_b"] == {"**": 2, "__": 0}
    assert first["is_code"] is False
    assert first["conversation_a"][0]["content"][0]["type"] == "text"
    assert [turn["model_side_b"]["role"] for turn in first["full_conversation"]] == [
        "assistant"
    ] * 2
    assert first["evaluation_session_id"] == second["evaluation_session_id"]
    assert [first["evaluation_order"], second["evaluation_order"]] == [1, 2]


def test_own_format_leaves_nothing_out(tmp_path: Path) -> None:
    Vote.objects.filter(pk=Vote.objects.earliest("pk").pk).update(
        standing=Vote.Standing.EXCLUDED, standing_reason="a robot"
    )
    first, second, *_ = rows("evenhand", tmp_path)
    assert (first["standing"], first["standing_reason"]) == ("EXCLUDED", "a robot")
    assert second["standing"] == "COUNTED"
    assert (first["selection_probability"], first["policy"]) == (0.25, "test-1")
    assert first["turns"][0]["answer_a"]["total_s"] == 1.5
    assert first["revision_b"]["weights"] == "Bea 2 weights"
    assert json.loads(first["revision_b"]["sampling"]) == {"temperature": 0.5}


@pytest.mark.parametrize("format", ["arena-100k", "arena-140k"])
def test_release_s_labels_are_those_of_the_battle(tmp_path: Path, format: str) -> None:
    of_first = Vote.objects.earliest("pk").battle.labels
    of_first.categories, of_first.language = ["coding", "maths"], "de"
    of_first.save()
    BattleLabels.objects.exclude(pk=of_first.pk).delete()
    first, second, *_ = rows(format, tmp_path)
    assert (first["is_code"], second["is_code"]) == (True, None)
    assert first["language"] == ("de" if format == "arena-140k" else "German")
    assert first["category_tag"]["math_v0.1"] == {"math": True}
    assert first["category_tag"]["if_v0.1"] == {"if": False, "score": None}
    assert first["category_tag"]["criteria_v0.1"]["complexity"] is None
    assert second["category_tag"]["math_v0.1"] == {"math": None}


def test_own_format_tells_labels_and_who_says_so(tmp_path: Path) -> None:
    first, *_ = rows("evenhand", tmp_path)
    labels = Vote.objects.earliest("pk").battle.labels
    told = (first["language"], first["categories"], first["length"], first["labels_source"])
    assert told == ("en", labels.categories, "short", labels.source)
    assert "multi-turn" in labels.categories


@pytest.mark.parametrize("format", ARENA)
def test_excluded_vote_is_in_no_release_format(tmp_path: Path, format: str) -> None:
    Vote.objects.filter(pk=Vote.objects.earliest("pk").pk).update(standing="EXCLUDED")
    assert len(rows(format, tmp_path)) == 5


def say(vote: Vote, side: str, *keys: str, comment: str = "") -> None:
    for key in keys:
        reason, _ = Reason.objects.get_or_create(
            key=key, defaults={"sign": 1, "labels": {"en": key}}
        )
        VoteReason.objects.create(vote=vote, side=side, reason=reason)
    if comment:
        Remark.objects.create(vote=vote, side=side, text=comment)


def test_own_format_has_reasons_and_redacted_comments(tmp_path: Path) -> None:
    say(Vote.objects.earliest("pk"), "B", "style", "useful", comment="Ask ada@example.org!")
    first, second, *_ = rows("evenhand", tmp_path)
    assert (first["reasons_a"], first["reasons_b"]) == ([], ["useful", "style"])
    assert (first["comment_a"], first["comment_b"]) == (None, "Ask [e-mail]!")
    assert (second["reasons_b"], second["comment_b"]) == ([], None)


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl"])
def test_own_format_has_what_was_said_of_criteria(tmp_path: Path, suffix: str) -> None:
    first = Vote.objects.earliest("pk")
    for criterion, verdict in (("accurate", "A"), ("clear", "TIE")):
        first.criteria.create(criterion=criterion, verdict=verdict)
    path = tmp_path / f"votes{suffix}"
    export(FORMATS["evenhand"], path, "ours")
    read: dict[str, Any] = {
        ".csv": pd.read_csv, ".parquet": pd.read_parquet,
        ".jsonl": lambda file: pd.read_json(file, lines=True, dtype=False),
    }  # fmt: skip
    said = [
        one if isinstance(one, dict) else json.loads(one) for one in read[suffix](path)["criteria"]
    ]
    assert said[:2] == [{"accurate": "A", "clear": "TIE"}, {}]


def test_own_format_tells_early_votes_and_the_turn_that_decided(tmp_path: Path) -> None:
    early = Vote.objects.earliest("pk")
    Vote.objects.filter(pk=early.pk).update(
        early=True, words_seen=12, turn=early.battle.turns.get(number=1)
    )
    first, second, *_ = rows("evenhand", tmp_path)
    told = [[row[name] for name in ("turn", "early", "words_seen")] for row in (first, second)]
    assert told == [[1, True, 12], [2, False, None]]


def test_comparia_has_a_column_for_each_reason_and_side(tmp_path: Path) -> None:
    vote = Vote.objects.earliest("pk")
    say(vote, "A", "useful", "accurate", comment="Mail ada@example.org")
    say(vote, "B", "instructions_not_followed")
    first, _, _, tie, bad, _ = rows("comparia", tmp_path)
    true = {name for name, value in first.items() if name.startswith("conv_") and value is True}
    assert true == {"conv_useful_a", "conv_instructions_not_followed_b"}
    assert (first["conv_comments_a"], first["conv_comments_b"]) == ("Mail [e-mail]", None)
    names = ("model_a_name", "model_b_name", "chosen_model_name", "both_equal")
    assert [first[name] for name in names] == ["Ada 1", "Bea 2", "Ada 1", False]
    for draw in (tie, bad):
        assert (draw["chosen_model_name"], draw["both_equal"]) == (None, True)
    assert first["opening_msg"] == "Ask 1: [e-mail]"
    assert first["conv_turns"] == 2
    assert [each["role"] for each in first["conversation_b"]] == ["user", "assistant"] * 2
    assert first["visitor_id"] != tie["visitor_id"]


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".json"])
def test_comparia_has_its_columns_in_every_kind_of_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"votes{suffix}"
    export(FORMATS["comparia"], path, "ours")
    read: dict[str, Any] = {".csv": pd.read_csv, ".parquet": pd.read_parquet, ".json": pd.read_json}
    frame = read[suffix](path)
    sides = [f"conv_{reason}_{side}" for reason in COMPARIA_REASONS for side in "ab"]
    assert set(sides) < set(frame.columns)
    assert list(frame.columns) == list(FORMATS["comparia"].columns)
    assert not frame[sides].any().any()


def test_comparia_turns_have_the_turn_that_was_judged(tmp_path: Path) -> None:
    vote = Vote.objects.earliest("pk")
    Vote.objects.filter(pk=vote.pk).update(turn=vote.battle.turns.get(number=1))
    vote.battle.turns.get(number=1).answers.update(first_token_s=0.5, completion_tokens=9)
    first, second, _, tie, bad, _ = rows("comparia-turns", tmp_path)
    choices = [row["choice"] for row in (first, tie, bad)]
    assert choices == ["a_better", "both_good", "both_bad"]
    assert (first["turn"], second["turn"]) == (0, 1)
    assert first["response_a"] == first["full_conversation_a"][:2]
    assert second["response_a"] == second["full_conversation_a"][2:]
    assert [said["role"] for said in first["response_b"]] == ["user", "assistant"]
    told = first["metadata"]
    assert (told["tokens_a"], told["latency_a"], told["duration_a"]) == (9, 0.5, 1.0)
    assert (told["languages"], told["mode"], told["conso_a"]) == (["en"], None, None)
    assert "@example.org" not in json.dumps([first, second])
