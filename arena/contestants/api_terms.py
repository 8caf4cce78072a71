"""What the API of a contestant accepts: what workers have learned of it, and what staff fix."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms

from inference.contract import lessons

from ..models import Learned, Revision

NEITHER = "none"
NEEDED = ("model", "messages", "max_tokens", "max_completion_tokens")
_NAME = re.compile(r"[A-Za-z_]\w{0,59}", re.ASCII)


@dataclass(frozen=True)
class Lesson:
    """Something that workers have learned."""

    word: str
    at: datetime

    @property
    def sentence(self) -> str:
        return lessons.meaning(self.word) or f"{self.word}."

    @property
    def objection(self) -> str:
        """Why it cannot be kept; "" if it can."""
        if lessons.meaning(self.word):
            return ""
        return "A newer model worker has learned it: update the site, then it can be kept."


def learned(revision: Revision | None) -> list[Lesson]:
    known = Learned.objects.filter(revision=revision).values_list("lessons", flat=True).first()
    return [Lesson(word, datetime.fromisoformat(at)) for word, at in sorted((known or {}).items())]


def kept(initial: dict[str, Any], words: Iterable[str]) -> dict[str, Any]:
    """The settings of a revision with what was learned. A value of a parameter that the API rejects
    is dropped: without one, it isn't sent."""
    sampling, fixed = dict(initial["sampling"]), [*initial["lessons"]]
    for word in words:
        rejected = word.removeprefix(lessons.WITHOUT)
        if rejected in sampling:
            del sampling[rejected]
        elif word not in fixed and lessons.meaning(word):
            others = [w for w in fixed if not (word.startswith(lessons.LIMIT) and _is_limit(w))]
            fixed = [*others, word]
    return {**initial, "sampling": sampling, "lessons": fixed}


def _is_limit(word: str) -> bool:
    return word.startswith(lessons.LIMIT)


class ApiTerms(forms.Form):
    """Part of a revision's form. What is not fixed here is learned."""

    limit_name = forms.ChoiceField(
        required=False,
        label="Name of the limit",
        choices=[
            ("", "found out by itself"),
            *((name, name) for name in lessons.LIMITS),
            (NEITHER, "none: it accepts no limit"),
        ],
    )
    left_out = forms.CharField(
        required=False,
        max_length=500,
        label="Never sent",
        widget=forms.TextInput({"class": "vTextField", "placeholder": "found out by itself"}),
        help_text="Names of parameters that it rejects, such as stream_options, with commas.",
    )
    ways = forms.MultipleChoiceField(
        required=False,
        label="Known",
        choices=[*lessons.MEANINGS.items()],
        widget=forms.CheckboxSelectMultiple,
    )

    def show_terms(self, said: Iterable[str]) -> None:
        """Fill in what is fixed."""
        said = [*said]
        limit = lessons.named(said, lessons.LIMIT)
        self.initial["limit_name"] = (limit[0] or NEITHER) if limit else ""
        self.initial["left_out"] = ", ".join(lessons.named(said, lessons.WITHOUT))
        self.initial["ways"] = [word for word in said if word in lessons.MEANINGS]

    def clean_left_out(self) -> list[str]:
        names = [name for name in re.split(r"[\s,;]+", self.cleaned_data["left_out"]) if name]
        for name in names:
            if name in NEEDED:
                raise forms.ValidationError(f"Without {name} nothing can be asked.")
            if not _NAME.fullmatch(name):
                raise forms.ValidationError(
                    f"{name[:60]} is no name of a parameter: give letters, digits, underscores."
                )
        return sorted({*names})

    def terms(self, given: dict[str, Any]) -> list[str]:
        """What is fixed, in the words of the contract."""
        limit = given.get("limit_name") or ""
        without = [lessons.WITHOUT + name for name in given.get("left_out") or []]
        name = "" if limit == NEITHER else limit
        return [*([lessons.LIMIT + name] if limit else []), *without, *(given.get("ways") or [])]

    def check_terms(self, given: dict[str, Any]) -> None:
        """What contradicts other settings."""
        sent = {**given.get("sampling", {})}
        for name in given.get("left_out") or []:
            if name in sent:
                self.add_error(
                    "left_out", f"{name} has a value in this revision: empty it, or send it."
                )
        if given.get("limit_name") and given.get("backend") == Revision.Backend.ANTHROPIC:
            self.add_error("limit_name", "Anthropic has one name for it: leave this as it is.")
        if given.get("backend") == Revision.Backend.LLAMA_CPP:
            for name in ("limit_name", "left_out", "ways"):
                if given.get(name):
                    self.add_error(name, "Only for APIs: leave it empty, or choose an API above.")
