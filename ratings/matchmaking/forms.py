"""The form of a matchmaking policy."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from arena.matchmaking.changing import MOST, stored
from arena.matchmaking.policies import Rules
from arena.matchmaking.strategies import STRATEGIES
from arena.models import Contestant
from arena.row_keys import key_of

Pair = frozenset[int]
HIGHEST = 100.0  # factor, and boost
NOT_A_FACTOR = (
    "A factor is a number from 0.01 to 100. To keep a contestant from being drawn, pause it."
)
NOT_A_BOOST = "The boost is a number from 1, which is none, to 100."
NOT_A_FLOOR = "The floor is from 1 to 100 per cent. At 100, every pair is as likely as any other."
NOT_VOTES = "Give a whole number of votes, from 0 to a million."


def number(least: float, most: float, said: str, **about: Any) -> forms.FloatField:
    """A field with one sentence for whatever is wrong."""
    names = ("required", "invalid", "min_value", "max_value")
    errors = dict.fromkeys(names, said)
    widget = forms.NumberInput({"step": "any", "class": "number"})
    return forms.FloatField(
        min_value=least, max_value=most, error_messages=errors, widget=widget, **about
    )


class PolicyForm(forms.Form):
    strategy = forms.ChoiceField(
        choices=[(each.name, f"{each.title}. {each.about}") for each in STRATEGIES.values()],
        widget=forms.RadioSelect,
    )
    boost = number(
        1, HIGHEST, NOT_A_BOOST,
        help_text="Factor for every contestant that has too few votes; 1: none.",
    )  # fmt: skip
    boost_until = forms.IntegerField(
        label="Until it has votes",
        min_value=0,
        max_value=10**6,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), NOT_VOTES),
        help_text="In this campaign.",
    )
    floor = number(
        1, 100, NOT_A_FLOOR,
        label="Floor, in per cent",
        help_text="Of an even draw: no pair that may meet becomes less likely than that.",
    )  # fmt: skip
    excluded = forms.MultipleChoiceField(
        label="Pairs that never meet", required=False, widget=forms.CheckboxSelectMultiple
    )
    one = forms.TypedChoiceField(label="Never draw", required=False, coerce=int, empty_value=None)
    other = forms.TypedChoiceField(label="against", required=False, coerce=int, empty_value=None)
    reason = forms.CharField(
        max_length=MOST,
        required=False,
        help_text="Needed to save. It is published with the policy.",
    )
    previewed = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, playing: Sequence[Contestant], rules: Rules, *args: Any, **more: Any
    ) -> None:
        """`playing`: the contestants that are drawn; `rules`: what the form begins with."""
        more["initial"] = {**initial(rules), **more.get("initial", {})}
        super().__init__(*args, **more)
        self.playing, self._rules = playing, rules
        choices = [("", "—"), *((each.pk, each.name) for each in playing)]
        for name in ("one", "other"):
            self._field(name, forms.TypedChoiceField).choices = choices
        self._field("excluded", forms.MultipleChoiceField).choices = self._pairs()
        for each in playing:
            self.fields[f"factor-{each.pk}"] = number(
                0.01, HIGHEST, NOT_A_FACTOR, label=f"Factor of {each.name}",
                initial=f"{rules.weights.get(each.pk, 1):g}",
            )  # fmt: skip

    def _field(self, name: str, kind: type[Any]) -> Any:
        return self.fields[name]

    def _pairs(self) -> list[tuple[str, str]]:
        """Those of the rules, and those that the form itself brings back."""
        sent = self.data.getlist("excluded") if hasattr(self.data, "getlist") else []
        pairs = {*map(written, self._rules.excluded), *filter(is_pair, sent)}
        keys = {key for pair in pairs for key in parsed(pair)}
        names = dict(Contestant.objects.filter(pk__in=keys).values_list("pk", "name"))
        known = {pair: [names.get(key) for key in sorted(parsed(pair))] for pair in pairs}
        found = {pair: [*filter(None, both)] for pair, both in known.items()}
        return sorted((pair, " and ".join(both)) for pair, both in found.items() if len(both) == 2)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        one, other = given.get("one"), given.get("other")
        if (one is None) != (other is None):
            self.add_error("other" if other is None else "one", "Choose both, or neither.")
        elif one is not None and one == other:
            self.add_error("other", "A contestant never meets itself anyway. Choose another.")
        if given.get("boost", 1) > 1 and given.get("boost_until") == 0:
            self.add_error("boost_until", "Say until how many votes the boost lasts.")
        if not self.errors and self._leaves_nothing():
            self.add_error("excluded", "This leaves no pair to draw. Let at least one meet.")
        return given

    def _leaves_nothing(self) -> bool:
        keys = [each.pk for each in self.playing]
        pairs = {frozenset((a, b)) for a in keys for b in keys if a < b}
        return bool(pairs) and pairs <= self.rules.excluded

    @property
    def rules(self) -> Rules:
        """What the form says, once it is valid."""
        given = self.cleaned_data
        excluded = {frozenset(parsed(pair)) for pair in given["excluded"]}
        if given["one"] is not None:
            excluded.add(frozenset((given["one"], given["other"])))
        return Rules(
            strategy=given["strategy"],
            boost=given["boost"],
            boost_until=given["boost_until"] if given["boost"] > 1 else 0,
            weights=self._weights(given),
            excluded=frozenset(excluded),
            floor=given["floor"] / 100,
        )

    def _weights(self, given: Mapping[str, Any]) -> dict[int, float]:
        """Those of contestants that do not play now stay as they are."""
        playing = {each.pk for each in self.playing}
        kept = {key: factor for key, factor in self._rules.weights.items() if key not in playing}
        sent = {key: given[f"factor-{key}"] for key in playing}
        return kept | {key: factor for key, factor in sent.items() if factor != 1}

    @property
    def reason_field(self) -> forms.BoundField:
        return self["reason"]

    def factor_of(self, contestant: int) -> forms.BoundField:
        return self[f"factor-{contestant}"]


def initial(rules: Rules) -> dict[str, Any]:
    return {
        "strategy": rules.strategy,
        "boost": f"{rules.boost:g}",
        "boost_until": rules.boost_until,
        "floor": f"{100 * rules.floor:g}",
        "excluded": [*map(written, rules.excluded)],
    }


def digest(rules: Rules) -> str:
    """Of what was previewed, so that nothing else is saved."""
    return hashlib.sha256(json.dumps(stored(rules), sort_keys=True).encode()).hexdigest()[:16]


def written(pair: Pair) -> str:
    return "-".join(map(str, sorted(pair)))


def is_pair(text: str) -> bool:
    one, _, other = text.partition("-")
    return 0 != key_of(one) != key_of(other) != 0


def parsed(text: str) -> tuple[int, int]:
    one, _, other = text.partition("-")
    return int(one), int(other)
