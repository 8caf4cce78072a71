"""The form above a list: what to search for, and which rows to show."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar, TypeVar

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Model, Q, QuerySet
from django.forms.utils import flatatt
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ..labels.categories import CATEGORIES
from ..labels.languages import NAMES
from ..models import Battle, Campaign, Contestant
from . import words

M = TypeVar("M", bound=Model)
ANY = ("", "any")


class Choices(forms.Select):
    """Written without a template for each option: some lists have hundreds of them, which would
    take longer than all else of the page."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        groups = self.get_context(name, value, attrs)["widget"]["optgroups"]
        options = format_html_join(
            "",
            "<option{}>{}</option>",
            (
                (flatatt({"value": one["value"], "selected": one["selected"]}), one["label"])
                for _group, some, _index in groups
                for one in some
            ),
        )
        own = flatatt(self.build_attrs(self.attrs, {"name": name, **(attrs or {})}))
        return format_html("<select{}>{}</select>", own, options)


def choice(label: str, choices: Mapping[str, str]) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=[ANY, *choices.items()], required=False, widget=Choices
    )


def one_of(rows: QuerySet[Any]) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(rows, required=False, empty_label="any", widget=Choices)


def day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        validators=[MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(2999, 12, 31))],
    )  # fmt: skip


class Filters(forms.Form):
    """A field narrows the list by the lookup of the same name in `lookups`, or by a method
    `by_<name>`, which gets the value."""

    lookups: ClassVar[Mapping[str, str]] = {}
    use_required_attribute = False

    def __init__(self, data: Any) -> None:
        super().__init__(data, auto_id="by_%s")

    def narrow(self, rows: QuerySet[M], but: str = "") -> QuerySet[M]:
        """By all fields, or by all but one. No rows at all if a field makes no sense: whoever then
        chooses all of them must not get more than was meant."""
        if not self.is_valid():
            return rows.none()
        for name, value in self.cleaned_data.items():
            if value not in (None, "") and name != but:
                rows = rows.filter(self._condition(name, value))
        return rows

    def branches(self, rows: QuerySet[M]) -> list[QuerySet[M]]:
        """The narrowed rows in parts that share none, each of which an index has in order."""
        return [self.narrow(rows)]

    def _condition(self, name: str, value: Any) -> Q:
        if name in self.lookups:
            return Q(**{self.lookups[name]: value})
        condition: Q = getattr(self, f"by_{name}")(value)
        return condition

    @property
    def is_used(self) -> bool:
        return any(self.data.get(name) for name in self.fields)


def start_of(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.get_current_timezone())


class WithDates(Filters):
    """Rows of some days."""

    created: ClassVar[str] = "created"

    since = day("from")
    until = day("to")

    def by_since(self, day: date) -> Q:
        return Q(**{f"{self.created}__gte": start_of(day)})

    def by_until(self, day: date) -> Q:
        return Q(**{f"{self.created}__lt": start_of(day + timedelta(days=1))})


class OfBattles(WithDates):
    """What battles and votes are both filtered by; `to_battle` leads from a row to its battle."""

    to_battle: ClassVar[str] = ""
    hint = (
        "Words of prompts and answers: beginnings of words, “in this order” in quotes, -without. "
        "Or the public ID of a battle."
    )

    q = forms.CharField(
        label="words", required=False, max_length=300, widget=forms.TextInput({"type": "search"})
    )
    campaign = one_of(Campaign.objects.order_by("name"))
    contestant = one_of(Contestant.objects.order_by("name"))
    category = choice("category", {slug: str(one.name) for slug, one in CATEGORIES.items()})
    language = choice("language", dict(sorted(NAMES.items(), key=lambda item: item[1])))
    voter = forms.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1,
        widget=forms.TextInput({"inputmode": "numeric", "size": 8}),
    )  # fmt: skip

    def by_q(self, typed: str) -> Q:
        if battle := Battle.objects.filter(public_id=typed).first():
            return Q(**{f"{self.to_battle}pk": battle.pk})
        if (query := words.query(typed)) is None:
            return Q(pk=None)
        return Q(**{f"{self.to_battle}words__words": query})

    def by_campaign(self, campaign: Campaign) -> Q:
        return Q(**{f"{self.to_battle}campaign": campaign})

    def by_contestant(self, contestant: Contestant) -> Q:
        a, b = self._sides(contestant)
        return a | b

    def branches(self, rows: QuerySet[M]) -> list[QuerySet[M]]:
        """A contestant may have left long ago: reading all rows until a page is full takes long."""
        if self.is_valid() and (contestant := self.cleaned_data["contestant"]):
            others = self.narrow(rows, but="contestant")
            return [others.filter(side) for side in self._sides(contestant)]
        return super().branches(rows)

    def _sides(self, contestant: Contestant) -> list[Q]:
        return [Q(**{f"{self.to_battle}contestant_{side}": contestant}) for side in "ab"]

    def by_category(self, slug: str) -> Q:
        return Q(**{f"{self.to_battle}labels__categories__contains": [slug]})

    def by_language(self, code: str) -> Q:
        return Q(**{f"{self.to_battle}labels__language": code})

    def by_voter(self, key: int) -> Q:
        return Q(voter=key)
