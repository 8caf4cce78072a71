"""Small files in the released formats, generated. Three models, twelve votes, all four verdicts."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Said = tuple[str, str, str]  # model on side A, model on side B, winner
VOTES: list[Said] = [
    ("ada", "bea", "model_a"), ("ada", "bea", "model_a"), ("bea", "ada", "model_a"),
    ("ada", "cyd", "model_b"), ("cyd", "ada", "model_b"), ("cyd", "ada", "tie"),
    ("bea", "cyd", "tie (bothbad)"), ("cyd", "bea", "model_a"), ("bea", "cyd", "model_b"),
    ("bea", "cyd", "tie"), ("ada", "bea", "tie (bothbad)"), ("ada", "bea", "tie"),
]  # fmt: skip
# first wins, second wins, ties, both bad
TALLIES = {
    ("ada", "bea"): (2, 1, 1, 1),
    ("ada", "cyd"): (1, 1, 1, 0),
    ("bea", "cyd"): (0, 2, 1, 1),
}
# The same for formats that do not distinguish "both bad" from a tie.
TALLIES_WITHOUT_BAD = {pair: (a, b, t + bad, 0) for pair, (a, b, t, bad) in TALLIES.items()}


def talk(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": text}]


def arena_33k(number: int, said: Said) -> dict[str, Any]:
    a, b, winner = said
    return {
        "question_id": f"q{number:04}", "model_a": a, "model_b": b, "winner": winner,
        "judge": f"arena_user_{number % 3}", "conversation_a": talk("A"), "turn": 1,
        "conversation_b": talk("B"), "anony": True, "language": "English",
        "tstamp": 1_682_351_591.1 + number, "openai_moderation": {}, "toxic_chat_tag": {},
    }  # fmt: skip


def arena_55k(number: int, said: Said) -> dict[str, Any]:
    a, b, winner = said
    return {
        "id": 30_000 + number, "model_a": a, "model_b": b, "prompt": json.dumps(["Hi, you"]),
        "response_a": json.dumps(["A\nfine"]), "response_b": json.dumps(['"B"']),
        "winner_model_a": int(winner == "model_a"), "winner_model_b": int(winner == "model_b"),
        "winner_tie": int(winner.startswith("tie")),
    }  # fmt: skip


def arena_100k(number: int, said: Said) -> dict[str, Any]:
    row = arena_33k(number, said)
    del row["judge"], row["openai_moderation"], row["toxic_chat_tag"]
    return row | {"judge_hash": f"hash{number % 3}", "is_code": False, "is_refusal": False}


def arena_140k(number: int, said: Said) -> dict[str, Any]:
    a, b, winner = said
    content = [{"type": "text", "text": "Hi", "image": None, "mimeType": None}]
    return {
        "id": f"id-{number}", "model_a": a, "model_b": b,
        "winner": "both_bad" if winner == "tie (bothbad)" else winner,
        "evaluation_session_id": f"session-{number % 3}", "evaluation_order": 1,
        "conversation_a": [{"role": "user", "content": content}], "language": "en",
        "timestamp": f"2025-05-13 08:54:{number:02}.309",
    }  # fmt: skip


def fastchat_log(number: int, said: Said) -> dict[str, Any]:
    a, b, winner = said
    kinds = {
        "model_a": "leftvote", "model_b": "rightvote", "tie": "tievote",
        "tie (bothbad)": "bothbad_vote",
    }  # fmt: skip
    return {
        "tstamp": 1_700_000_000.5 + number, "type": kinds[winner], "models": ["", ""],
        "states": [
            {"model_name": a, "conv_id": f"a{number}"}, {"model_name": b, "conv_id": f"b{number}"}
        ],
        "ip": f"192.0.2.{number % 3}",
    }  # fmt: skip


def open_webui(number: int, said: Said) -> dict[str, Any]:
    """The format has no ties, so the sample has none."""
    a, b, winner = said
    return {
        "id": f"f{number}", "user_id": f"u{number % 3}", "version": 0, "type": "rating",
        "data": {"rating": 1 if winner == "model_a" else -1, "model_id": a,
                 "sibling_model_ids": [b]},
        "meta": {"arena": True}, "snapshot": {"chat": {}}, "created_at": 1_730_000_000 + number,
    }  # fmt: skip


def comparia(number: int, said: Said) -> dict[str, Any]:
    """A vote with its choice in the columns of 2024; "both bad" is both equal."""
    a, b, winner = said
    return {
        "id": number, "timestamp": f"2025-01-02 03:04:{number:02}.5", "model_a_name": a,
        "model_b_name": b, "chosen_model_name": {"model_a": a, "model_b": b}.get(winner),
        "opening_msg": "Bonjour", "both_equal": winner.startswith("tie"),
        "conversation_a": json.dumps(talk("A")), "conversation_b": json.dumps(talk("B")),
        "conv_turns": 1, "conversation_pair_id": f"pair-{number}", "session_hash": f"s{number}",
        "visitor_id": f"visitor-{number % 3}", "conv_useful_a": True, "conv_useful_b": None,
    }  # fmt: skip


def comparia_reaction(number: int, said: Said) -> dict[str, Any]:
    """A thumb up for the better answer; one for the first where neither is, see `reactions`."""
    a, b, winner = said
    side = "b" if winner == "model_b" else "a"
    return {
        "id": 2 * number, "timestamp": f"2025-01-02 03:04:{number:02}.5", "model_a_name": a,
        "model_b_name": b, "refers_to_model": b if side == "b" else a, "msg_index": 1,
        "model_pos": side, "conv_turns": 1, "conversation_pair_id": f"pair-{number // 2}",
        "visitor_id": f"visitor-{number % 3}", "msg_rank": number % 2,
        "liked": winner != "tie (bothbad)", "disliked": winner == "tie (bothbad)",
    }  # fmt: skip


def comparia_reactions(votes: list[Said]) -> list[dict[str, Any]]:
    """With the second thumbs that make ties, and a reaction that says nothing of who is better."""
    first = [comparia_reaction(number, said) for number, said in enumerate(votes)]
    second = [
        {**row, "id": row["id"] + 1, "model_pos": "b", "refers_to_model": row["model_b_name"]}
        for row, (_, _, winner) in zip(first, votes, strict=True)
        if winner.startswith("tie")
    ]
    return [*first, *second, {**first[0], "id": 999, "liked": None, "disliked": None}]


def comparia_turns(number: int, said: Said) -> dict[str, Any]:
    """A turn of the export of 2026: two turns of a conversation share its id."""
    a, b, winner = said
    choices = {
        "model_a": "a_better", "model_b": "b_better", "tie": "both_good",
        "tie (bothbad)": "both_bad",
    }  # fmt: skip
    asked = {"role": "user", "content": "Name a tree.", "user_content": "Name a tree."}
    answers = {
        side: [asked, {"content": f"**{side}**", "reasoning_content": None, "role": "assistant"}]
        for side in "ab"
    }
    return {
        "response_id": f"turn-{number}", "choice": choices[winner], "response_a": answers["a"],
        "response_b": answers["b"], "web_search_results": None, "turn": number % 2,
        "comparison_id": f"comparison-{number // 2}", "model_a": a, "model_b": b,
        "timestamp": f"2026-01-02T03:04:{number:02}", "full_conversation_a": answers["a"],
        "full_conversation_b": answers["b"], "metadata": {"mode": "random", "languages": ["en"]},
    }  # fmt: skip


def evenhand(number: int, said: Said) -> dict[str, Any]:
    """A vote of this arena's export, with a verdict by criterion."""
    a, b, winner = said
    verdict = {"model_a": "A", "model_b": "B", "tie": "TIE", "tie (bothbad)": "BOTH_BAD"}[winner]
    return {
        "id": f"e{number}", "model_a": a, "model_b": b, "verdict": verdict,
        "criteria": json.dumps({"accurate": verdict, "clear": "TIE"} if number % 2 else {}),
        "standing": "COUNTED", "standing_reason": "", "voter": f"w{number % 3}",
        "at": f"2026-02-03 04:05:{number:02}+00:00", "language": "de",
        "categories": json.dumps(["coding"]), "length": "short", "labels_source": "rules",
        "item": "", "turns": "[]",
    }  # fmt: skip


def plain_csv(number: int, said: Said) -> dict[str, Any]:
    a, b, winner = said
    return {
        "id": f"v{number}", "model_a": a, "model_b": b, "winner": winner,
        "voter": f"w{number % 3}", "item": f"p{number % 2}", "language": "German",
        "timestamp": f"2024-02-03T04:05:{number:02}Z",
    }  # fmt: skip


Row = Callable[[int, Said], dict[str, Any]]
ROWS: dict[str, Row] = {
    "arena-33k": arena_33k, "arena-55k": arena_55k, "arena-100k": arena_100k,
    "arena-140k": arena_140k, "fastchat-log": fastchat_log, "open-webui": open_webui,
    "comparia": comparia, "comparia-reactions": comparia_reaction,
    "comparia-turns": comparia_turns, "csv": plain_csv,
    "evenhand": evenhand,
}  # fmt: skip


def rows(format: str, votes: list[Said] = VOTES) -> list[dict[str, Any]]:
    return [ROWS[format](number, said) for number, said in enumerate(votes)]


def write(path: Path, content: list[dict[str, Any]]) -> Path:
    """Write a JSON array, JSON lines or CSV, by the suffix of `path`."""
    with path.open("w", newline="", encoding="utf-8") as file:
        if path.suffix == ".csv":
            writer = csv.DictWriter(file, list(content[0]))
            writer.writeheader()
            writer.writerows(content)
        elif path.suffix == ".json":
            json.dump(content, file, indent=1)
        else:
            file.writelines(json.dumps(row) + "\n" for row in content)
    return path


def llmfao(folder: Path) -> Path:
    """A folder like LLMFAO's: two prompts, three models, the answers, three workers."""
    models = [{"id": n, "name": name, "org": name.title()} for n, name in enumerate(NAMES)]
    prompts = [{"id": n, "text": f"Prompt {n}", "slug": f"slug-{n}"} for n in range(2)]
    answers = [
        {"id": 3 * p + m, "model": m, "prompt": p, "result": f" {name} on {p}", "duration": 1500.0}
        for p in range(2)
        for m, name in enumerate(NAMES)
    ]
    write(folder / "models.jsonl", models)
    write(folder / "prompts.jsonl", prompts)
    write(folder / "results.jsonl", answers)
    words = {"model_a": "left", "model_b": "right", "tie": "tie", "tie (bothbad)": "tie"}
    crowd = [
        {"id": n // 3, "prompt": n % 2, "model_x": NAMES.index(a), "model_y": NAMES.index(b),
         "worker": n % 3, "winner": words[winner], "left": a, "right": b}
        for n, (a, b, winner) in enumerate(VOTES)
    ]  # fmt: skip
    write(folder / "crowd-comparisons.csv", crowd)
    return folder


NAMES = ["ada", "bea", "cyd"]
