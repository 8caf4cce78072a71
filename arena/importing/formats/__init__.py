"""The formats that can be imported, one line each, implemented by a module of this package."""

from __future__ import annotations

from arena.models import Campaign

from ..intake import Format
from ..labelling import BY_RELEASE, BY_RULES
from . import (
    arena_33k,
    arena_55k,
    arena_100k,
    arena_140k,
    arena_tallies,
    comparia,
    evenhand,
    fastchat_log,
    llmfao,
    open_webui,
    plain_csv,
)

PREPARED = Campaign.Kind.PREPARED
LLMFAO = {
    "name": "LLMFAO: models of 2023",
    "description": "What 70 language models of 2023 answered to 19 prompts.",
    "languages": "en",
    "source": "github.com/dustalov/llmfao: answers from llmonitor.com, votes from D. Ustalov",
    "licence": "CC-BY-4.0",
}

_all = (
    Format(
        "arena-33k", "Chatbot Arena, 33,000 conversations of 2023", arena_33k.bring, labels=BY_RULES
    ),
    Format("arena-55k", "Chatbot Arena, 55,000 votes of 2024", arena_55k.bring, labels=BY_RULES),
    Format(
        "arena-100k", "Chatbot Arena, 100,000 votes of 2024", arena_100k.bring, labels=BY_RELEASE
    ),
    Format(
        "arena-140k", "Chatbot Arena, 140,000 votes of 2025", arena_140k.bring, labels=BY_RELEASE
    ),
    Format("fastchat-log", "log lines of FastChat's server", fastchat_log.bring),
    Format(
        "arena-tallies",
        "tallies, as in the leaderbot package",
        arena_tallies.bring,
        has_a_row_per_vote=False,
    ),
    Format(
        "llmfao",
        "a folder of LLMFAO",
        llmfao.bring,
        PREPARED,
        has_a_row_per_vote=False,
        labels=BY_RULES,
        about=LLMFAO,
    ),
    Format("comparia", "votes of compar:IA", comparia.bring, labels=BY_RULES),
    Format(
        "comparia-reactions",
        "reactions of compar:IA",
        comparia.bring_reactions,
        has_a_row_per_vote=False,
        labels=BY_RULES,
    ),
    Format("comparia-turns", "compar:IA's export by turn", comparia.bring_turns, labels=BY_RULES),
    Format(
        "open-webui",
        "feedback exported from Open WebUI",
        open_webui.bring,
        has_a_row_per_vote=False,
        labels=BY_RULES,
    ),
    Format("evenhand", "this arena's own export", evenhand.bring, labels=BY_RELEASE),
    Format(plain_csv.NAME, "the plain CSV of docs/importing.md", plain_csv.bring),
)
FORMATS = {format.name: format for format in _all}
