from __future__ import annotations

import pytest

from arena.lookalikes import doubts, shapes, skeleton

KNOWN = shapes(["GPT-4o", "Claude", "Qwen 7B", "Ада"])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Qwen\u200b 7B", ["ZERO WIDTH SPACE", "“Qwen 7B”, which is another name"]),
        ("Juras\u00adsic", ["SOFT HYPHEN"]),
        ("\u3164", ["HANGUL FILLER"]),
        ("Cl\u0430ude", ["mixes Cyrillic and Latin", "“Claude”, which is another name"]),
        ("\u0421l\u0430ude 3", ["mixes Cyrillic and Latin"]),
        ("GPT-4\u043e", ["“GPT-4o”, which is another name"]),
        ("Qwen\u00a07B", ["“Qwen 7B”, which is another name"]),
    ],
)
def test_name_that_may_be_taken_for_another_is_doubted(name: str, said: list[str]) -> None:
    found = [*doubts(name, KNOWN)]
    assert len(found) == len(said)
    for doubt, words in zip(found, said, strict=True):
        assert words in doubt


@pytest.mark.parametrize(
    "name",
    [
        "GPT-4o", "GPT-4o mini", "Llama 3.1 (8B)", "通义千问 Qwen", "Ада", "Модель 3", "α-Llama",
        "Modèle É", "नमस्ते", "🤷‍♂️ 3", "❤️", "Ω 2",
    ],
)  # fmt: skip
def test_usual_name_is_not_doubted(name: str) -> None:
    assert [*doubts(name, KNOWN)] == []


def test_skeletons_are_equal_where_names_look_alike() -> None:
    assert skeleton("Claude") == skeleton("Сlаudе") != skeleton("Clauda")
