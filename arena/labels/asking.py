"""Asks a model for the categories of prompts.

Properties that can be measured, such as length, are left to the rules. So are all categories if the
model's reply is not in the requested form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .categories import CATEGORIES
from .labelling import SOURCE, Labels

JUDGED = {
    "coding": "asks for program code, or is about it",
    "maths": "asks for a calculation or a proof",
    "creative-writing": "asks for a story, poem, joke or other invented text",
    "instruction-following": "says exactly how the answer must be, such as its form or length",
    "hard": "needs expert knowledge and several steps",
}
NONE = "none"
READ = 2_000  # characters of the prompts: small models have a short context
MAX_TOKENS = 32
INSTRUCTION = """Sort requests into these categories:
{categories}
Answer with the names that fit, with commas between, or with "{none}". Write nothing else.

"""
# Few-shot examples: small models learn the form of the reply from them.
EXAMPLES = (
    ("Fix this loop: for i in rang(10): print(i)", "coding"),
    ("Prove that a continuous function on a compact set is uniformly continuous.", "maths, hard"),
    (
        "Write a poem about the sea in exactly four lines.",
        "creative-writing, instruction-following",
    ),
    ("What is 15% of 240?", "maths"),
    ("Who was Ada Lovelace?", NONE),
)


def messages(prompts: Sequence[str]) -> list[dict[str, str]]:
    """The question, preceded by the examples."""
    listed = "\n".join(f"- {slug}: {says}" for slug, says in JUDGED.items())
    asked = [*EXAMPLES, ("\n\n".join(prompts)[:READ], "")]
    said = [
        {"role": role, "content": text}
        for request, answer in asked
        for role, text in (("user", f"Request: {request}"), ("assistant", answer))
    ]
    said[0]["content"] = INSTRUCTION.format(categories=listed, none=NONE) + said[0]["content"]
    return said[:-1]


def categories_in(answer: str) -> frozenset[str] | None:
    """The categories in the reply; None unless it consists of names of categories only."""
    said = answer.strip().rstrip(".").casefold()
    if said == NONE:
        return frozenset()
    names = frozenset(name.strip() for name in said.split(","))
    return names if names <= JUDGED.keys() else None


def by_model(name: str) -> str:
    """The source of labels whose categories a model has chosen."""
    return f"model {name}, {SOURCE}"


def in_vain(name: str) -> str:
    """The source of labels where a model's reply could not be parsed."""
    return f"no answer of {name}, {SOURCE}"


def model_of(source: str) -> str:
    """The model that chose the categories; empty if none did."""
    return source.removeprefix("model ").rpartition(", ")[0] if source.startswith("model ") else ""


def judged(rules: Labels, answer: str, name: str) -> Labels:
    """The labels by rules, with the categories that the model `name` has chosen in `answer`."""
    chosen = categories_in(answer)
    if chosen is None:
        return replace(rules, source=in_vain(name))
    kept = chosen | (set(rules.categories) - JUDGED.keys())
    in_order = tuple(slug for slug in CATEGORIES if slug in kept)
    return replace(rules, categories=in_order, source=by_model(name))
