"""What distinguishes a revision from the one before it, and what a revision says, for people."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

from inference.contract import lessons

from ..models import Revision

LABELS = {
    "backend": "where it runs",
    "weights": "weights",
    "weights_sha256": "SHA-256 of the weights",
    "quantisation": "quantisation",
    "url": "base URL",
    "remote_model": "model at the API",
    "key_variable": "key",
    "prompt_format": "prompt format",
    "system_prompt": "system prompt",
    "stop": "stop strings",
    "max_tokens": "answer limit",
    "max_thought_tokens": "thought limit",
    "answer_s": "seconds",
    "timeout_s": "longest silence [s]",
    "daily_tokens": "tokens per day",
    "daily_usd": "dollars per day",
}


@dataclass(frozen=True)
class Piece:
    """A part of a text: in both revisions, or only in one of them."""

    kind: str  # "", "old" or "new"
    text: str


@dataclass(frozen=True)
class Change:
    label: str
    old: str
    new: str

    @property
    def is_long(self) -> bool:
        return "\n" in self.old + self.new

    @property
    def pieces(self) -> list[Piece]:
        """Both texts in one, line by line."""
        old, new = self.old.splitlines(keepends=True), self.new.splitlines(keepends=True)
        return [*_merged(old, new)]


def _merged(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece("", "".join(old[a:b]))
            continue
        if a < b:
            yield Piece("old", "".join(old[a:b]))
        if c < d:
            yield Piece("new", "".join(new[c:d]))


def facts(revision: Revision) -> dict[str, str]:
    """What it says, by label; what it leaves open is left out."""
    said = {label: getattr(revision, name) for name, label in LABELS.items()}
    said["where it runs"] = revision.get_backend_display()
    said["stop strings"] = "\n".join(json.dumps(each, ensure_ascii=False) for each in revision.stop)
    if not revision.is_remote:
        said.pop("longest silence [s]")
    said["known of its API"] = "\n".join(lessons.meaning(each) or each for each in revision.lessons)
    if isinstance(revision.sampling, dict):
        names = {name.replace("_", " "): value for name, value in revision.sampling.items()}
        said |= {name: _plain(value) for name, value in sorted(names.items())}
    return {label: str(value) for label, value in said.items() if value not in ("", None)}


def between(old: Revision, new: Revision) -> list[Change]:
    before, after = facts(old), facts(new)
    labels = [*before, *(label for label in after if label not in before)]
    changes = (Change(label, before.get(label, ""), after.get(label, "")) for label in labels)
    return [change for change in changes if change.old != change.new]


def history(revisions: Sequence[Revision]) -> list[tuple[Revision, list[Change]]]:
    """Each revision with what changed since the one before; `revisions` are the newest first."""
    changes = [between(old, new) for new, old in pairwise(revisions)]
    return list(zip(revisions, [*changes, []], strict=True)) if revisions else []


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else json.dumps(value, ensure_ascii=False)
