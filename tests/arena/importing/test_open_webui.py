"""One judgement is one vote, however many records it has, and masked models are not contestants."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from arena.models import Contestant, ImportedVote

from .conftest import Bring, tallies

Message = dict[str, Any]


def record(
    id: str,
    rating: int,
    model: str = "ada",
    other: str = "bea",
    *,
    at: str = "",
    chat: str = "c1",
    messages: dict[str, Message] | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """A thumbs-up or -down for `model`'s answer, with its chat."""
    names = {"ada": "x", "bea": "y"}
    row = {
        "id": id, "user_id": "u1", "type": "rating",
        "data": {"rating": rating, "model_id": model, "sibling_model_ids": [other]},
        "meta": {"arena": True, "chat_id": chat, "message_id": at or names.get(model, "x"),
                 "message_index": 2},
        "snapshot": {"chat": {"chat": {"history": {"messages": messages or MESSAGES}}}},
        "created_at": 1_730_001_000, "updated_at": 1_730_001_000,
    }  # fmt: skip
    return row | changes


def answer(model: str, **more: Any) -> Message:
    return {"parentId": "u", "role": "assistant", "model": model, "content": model.title(), **more}


MESSAGES = {
    "u": {"parentId": None, "role": "user", "content": "Name a tree."},
    "x": answer("ada"),
    "y": answer("bea"),
}


@pytest.fixture
def brought(bring: Bring, tmp_path: Path) -> Any:
    def brought(*records: dict[str, Any], name: str = "feedback.json") -> Any:
        path = tmp_path / name
        path.write_text(json.dumps(records))
        return bring("open-webui", path)

    return brought


@pytest.mark.parametrize(
    ("ratings", "counts"),
    [
        ((1, -1), (1, 0, 0, 0)),
        ((-1, 1), (0, 1, 0, 0)),
        ((1, 1), (0, 0, 1, 0)),  # both good
        ((-1, -1), (0, 0, 0, 1)),
    ],
)
@pytest.mark.parametrize("snapshot", [True, False])
def test_two_thumbs_are_one_vote(
    brought: Any, ratings: tuple[int, int], counts: tuple[int, ...], snapshot: bool
) -> None:
    both = [record("r1", ratings[0]), record("r2", ratings[1], "bea", "ada")]
    if not snapshot:  # as in an export for the community
        both = [{**each, "snapshot": None} for each in both]
    report = brought(*both)
    assert report.votes == 1
    assert tallies() == {("ada", "bea"): counts}
    assert dict(report.passed_over) == {
        "a second thumb for the same judgement, which counts once": 1
    }


def test_thumbs_of_two_people_two_chats_or_two_prompts_are_votes_each(brought: Any) -> None:
    second = {"u2": {"parentId": "y", "role": "user"}, "x2": answer("ada", parentId="u2"),
              "y2": answer("bea", parentId="u2")}  # fmt: skip
    report = brought(
        record("r1", 1),
        record("r2", -1, "bea", "ada", user_id="u2"),
        record("r3", -1, "bea", "ada", chat="c2"),
        record("r4", -1, "bea", "ada", at="y2", messages=MESSAGES | second),
    )
    assert report.votes == 4
    assert tallies() == {("ada", "bea"): (4, 0, 0, 0)}


def test_changed_mind_counts_as_it_is_now(brought: Any) -> None:
    brought(record("r1", 1), record("r2", -1, updated_at=1_730_009_000))
    assert tallies() == {("ada", "bea"): (0, 1, 0, 0)}


def test_longer_export_counts_no_judgement_again(brought: Any) -> None:
    brought(record("r1", 1))
    report = brought(record("r2", -1, "bea", "ada", created_at=1_730_002_000), record("r1", 1))
    assert (report.votes, report.repeated, report.changed.changed) == (0, 1, 0)
    assert ImportedVote.objects.get().key == "r1"


def test_second_thumb_that_makes_it_a_tie_is_told(brought: Any) -> None:
    brought(record("r1", 1))
    report = brought(record("r1", 1), record("r2", 1, "bea", "ada", created_at=1_730_002_000))
    assert (report.votes, report.changed.changed, report.changed.names) == (0, 1, ("r1",))


def masked(mask: str, **selected: str) -> dict[str, Message]:
    return MESSAGES | {
        key: answer(mask, selectedModelId=model) if model else answer(mask)
        for key, model in selected.items()
    }


def test_mask_is_nobody_where_it_hides_a_model(brought: Any) -> None:
    report = brought(
        record("r1", 1, "ada", "arena-model"),
        record("r2", -1, "arena-model", "bea", chat="c2", at="x"),
        record("r3", 1, chat="c3"),
    )
    assert report.votes == 1
    assert sum(report.passed_over.values()) + report.set_aside == 2
    assert {each.name for each in Contestant.objects.all()} == {"ada", "bea"}


def test_model_behind_a_mask_is_found_in_the_chat(brought: Any) -> None:
    messages = masked("arena-model", x="ada", y="bea")
    brought(
        record("r1", 1, "ada", "arena-model", messages=messages),
        record("r2", 1, "arena-model", "ada", at="y", chat="c2", messages=messages),
    )
    assert tallies() == {("ada", "bea"): (1, 1, 0, 0)}
    assert ImportedVote.objects.exclude(style=None).count() == 2


def test_mask_of_an_arena_with_a_name_is_known_from_other_records(brought: Any) -> None:
    messages = masked("blind-test", x="ada", y="bea")
    report = brought(
        record("r1", 1, "ada", "blind-test", chat="c1", snapshot=None),
        record("r2", 1, chat="c2", messages=messages),
        record("r3", 1, "bea", "ada", chat="c3", snapshot=None,
               meta={"arena": True, "model_id": "second-arena"}),
        record("r4", 1, "ada", "second-arena", chat="c4", snapshot=None),
    )  # fmt: skip
    assert (report.votes, sum(report.passed_over.values())) == (2, 2)
    assert {each.name for each in Contestant.objects.all()} == {"ada", "bea"}


def test_same_model_twice_is_passed_over(brought: Any) -> None:
    report = brought(record("r1", 1, "ada", "ada"), record("r2", 1, chat="c2"))
    assert dict(report.passed_over) == {"feedback on two answers of the same model": 1}


@pytest.mark.parametrize("odd", [None, 5, "x", [], {}, [None], {"chat": 5}, {"a": {"b": []}}])
@pytest.mark.parametrize("name", ["meta", "snapshot", "data", "user_id", "id", "created_at"])
def test_odd_record_costs_no_other(brought: Any, name: str, odd: object) -> None:
    report = brought(record("r1", 1), {**record("r2", 1, chat="c2"), name: odd})
    assert report.votes in (1, 2)
