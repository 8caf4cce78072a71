"""The forms of contestants: what readers see, how it is run, and its state."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet
from django.utils import timezone

from inference.contract.cards import card_of
from inference.contract.errors import EngineError
from inference.contract.limits import ANSWERS
from inference.contract.sampling import Sampling

from .. import broker
from ..models import Contestant, Revision
from . import cards
from .api_terms import ApiTerms
from .entering import objection

State = Contestant.State
DRAWN = {field.name: field.default for field in fields(Sampling)}  # with what is usual
TOLD = {  # label and help of fields
    "max_tokens": ("Answer limit", "In tokens."),
    "max_thought_tokens": ("Thought limit", "In tokens: for its thoughts, on top of that."),
    "answer_s": ("Seconds", "For a whole answer with its thoughts; then it ends where it is."),
    "timeout_s": ("Longest silence", "Of the API, in seconds; then its answer is given up."),
}
LONG = {"class": "vLargeTextField", "spellcheck": "false"}
FOR_LOG = "Goes into the public log of this contestant."


def usual_values() -> dict[str, str]:
    """What applies where a field is left empty."""
    drawn = {name: "random" if usual is None else f"{usual:g}" for name, usual in DRAWN.items()}
    return drawn | {
        "max_tokens": f"{ANSWERS.max_tokens}",
        "max_thought_tokens": f"{ANSWERS.max_thought_tokens}",
        "answer_s": f"{settings.ANSWER_SECONDS:g}",
        "timeout_s": f"{ANSWERS.silence_s:g}",
        "daily_tokens": "no cap",
        "daily_usd": "no cap",
        "system_prompt": "none",
        "stop": "none",
        "prompt_format": "the one inside the weights",
        "url": "the provider's own",
        "key_variable": "no key",
    }


class ContestantForm(forms.ModelForm):
    """What readers see of it."""

    reason = forms.CharField(
        max_length=300,
        required=False,
        strip=True,
        widget=forms.TextInput({"class": "vTextField"}),
        help_text=f"{FOR_LOG} Needed if name, organisation, access, licence or stand-in change.",
    )

    class Meta:
        model = Contestant
        exclude = ["created"]
        error_messages = cards.MESSAGES

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        logged = {"name", "organisation", "access", "licence", "stands_in_for"}
        is_silent = not given.get("reason") and "reason" not in self.errors
        if self.instance.pk and is_silent and logged & {*self.changed_data}:
            self.add_error("reason", "Say why: readers see this change in its log.")
        for name, sentence in cards.faults(given):
            self.add_error(name, sentence)
        self._date_prices(given)
        return given

    def _date_prices(self, given: dict[str, Any]) -> None:
        """Prices that are entered are those of today, unless a date is entered with them."""
        has_prices = any(given.get(name) is not None for name in cards.PRICES)
        is_new = {*cards.PRICES} & {*self.changed_data} and "price_date" not in self.changed_data
        if has_prices and (is_new or given.get("price_date") is None):
            given["price_date"] = timezone.now().date()

    def full_clean(self) -> None:
        super().full_clean()
        last = self.instance.revisions.order_by("number").last() if self.instance.pk else None
        if self.is_bound and last is not None and (why := against_cap(self.instance, last)):
            self.add_error(None, why)


class StopField(forms.CharField):
    """Strings, one a line. Breaks and tabs in them are written as \\n and \\t."""

    widget = forms.Textarea({**LONG, "rows": 3})
    WAYS = (("\\", "\\\\"), ("\n", "\\n"), ("\t", "\\t"))

    def __init__(self) -> None:
        super().__init__(
            required=False,
            strip=False,
            label="Stop strings",
            help_text=r"One a line; the answer ends before it. \n stands for a line break.",
        )

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return "\n".join(self._written(str(each)) for each in value)

    def to_python(self, value: Any) -> Any:
        lines = (super().to_python(value) or "").splitlines()
        return [self._read(line) for line in lines if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool([*(initial or [])] != self.to_python(data))

    def _written(self, text: str) -> str:
        for char, sign in self.WAYS:
            text = text.replace(char, sign)
        return text

    def _read(self, line: str) -> str:
        signs = {sign: char for char, sign in self.WAYS}
        found, at = "", 0
        while at < len(line):
            sign = line[at : at + 2]
            found, at = (
                (found + signs[sign], at + 2) if sign in signs else (found + line[at], at + 1)
            )
        return found


class OtherField(forms.JSONField):
    """Empty if there are none."""

    def prepare_value(self, value: Any) -> Any:
        return super().prepare_value(value) if value else ""


class RevisionForm(ApiTerms, forms.ModelForm):
    """How it is run. A number left empty has its usual value."""

    temperature = forms.FloatField(required=False)
    top_p = forms.FloatField(required=False, label="Top-p")
    top_k = forms.IntegerField(required=False, label="Top-k")
    min_p = forms.FloatField(required=False, label="Min-p")
    repeat_penalty = forms.FloatField(required=False)
    frequency_penalty = forms.FloatField(required=False)
    presence_penalty = forms.FloatField(required=False)
    seed = forms.IntegerField(required=False, help_text="Empty: another for each answer.")
    other = OtherField(
        required=False,
        label="Other parameters",
        widget=forms.Textarea({**LONG, "rows": 2}),
        help_text='Of the API alone, as JSON, such as {"reasoning_effort": "low"}.',
    )
    stop = StopField()

    class Meta:
        model = Revision
        fields = [
            "backend", "weights", "prompt_format", "url", "remote_model", "key_variable",
            "timeout_s", "answer_s", "daily_tokens", "daily_usd", "system_prompt", "max_tokens",
            "max_thought_tokens", "stop",
        ]  # fmt: skip
        widgets = {
            "prompt_format": forms.Textarea({**LONG, "rows": 6}),
            "system_prompt": forms.Textarea({"class": "vLargeTextField", "rows": 4}),
            "weights": forms.TextInput({"class": "vTextField"}),
            "url": forms.TextInput({"class": "vTextField", "inputmode": "url"}),
            "remote_model": forms.TextInput({"class": "vTextField"}),
            "key_variable": forms.TextInput({"class": "vTextField"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sampling = self.initial.get("sampling", self.instance.sampling)
        for name, value in sampling.items() if isinstance(sampling, dict) else ():
            if name in DRAWN:
                self.initial.setdefault(name, value)
            else:
                self.initial["other"] = {**self.initial.get("other", {}), name: value}
        self.show_terms(self.initial.get("lessons", self.instance.lessons))
        for name, (label, help_text) in TOLD.items():
            self.fields[name].label, self.fields[name].help_text = label, help_text
        for name, usual in usual_values().items():
            self.fields[name].required = False
            self.fields[name].widget.attrs["placeholder"] = usual

    def clean_url(self) -> str:
        return with_scheme(self.cleaned_data["url"].strip())

    def clean_weights(self) -> str:
        weights: str = self.cleaned_data["weights"].strip()
        if "/" in weights or "\\" in weights:
            raise ValidationError("Give the name of the file alone, without its folder.")
        return weights.removesuffix(".gguf")

    def clean_daily_usd(self) -> Decimal | None:
        dollars: Decimal | None = self.cleaned_data["daily_usd"]
        if dollars is not None and dollars < 0:
            raise ValidationError("A cap cannot be below 0.")
        return dollars

    def clean_timeout_s(self) -> int:
        if self.cleaned_data["timeout_s"] is None:
            return int(ANSWERS.silence_s)
        return self._above_0("timeout_s", "The longest silence")

    def clean_answer_s(self) -> int | None:
        if self.cleaned_data["answer_s"] is None:
            return None
        if self.cleaned_data["answer_s"] > settings.ANSWER_SECONDS:
            raise ValidationError(
                f"No answer may take longer than {settings.ANSWER_SECONDS:g} seconds here "
                "(ANSWER_SECONDS). Give fewer, or leave it empty."
            )
        return self._above_0("answer_s", "The seconds for an answer")

    def clean_max_thought_tokens(self) -> int:
        given: int | None = self.cleaned_data["max_thought_tokens"]
        return ANSWERS.max_thought_tokens if given is None else given

    def clean_max_tokens(self) -> int:
        if self.cleaned_data["max_tokens"] is None:
            return ANSWERS.max_tokens
        return self._above_0("max_tokens", "The answer limit")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        sampling = {name: given[name] for name in DRAWN if given.get(name) is not None}
        for name, value in sampling.items():
            try:
                Sampling(**{name: value})
            except EngineError as error:
                self.add_error(name, str(error))
        given["sampling"] = sampling | self._others(given)
        self.instance.sampling, self.instance.stop = given["sampling"], given.get("stop") or []
        self.instance.lessons = self.terms(given)
        self.check_terms(given)
        self._check_place(given)
        return given

    def _others(self, given: dict[str, Any]) -> dict[str, Any]:
        others = given.get("other") or {}
        if not isinstance(others, dict):
            self.add_error("other", 'Map names to values, such as {"reasoning_effort": "low"}.')
        elif others and given.get("backend") == Revision.Backend.LLAMA_CPP:
            self.add_error(
                "other", "Only APIs have other parameters; weights here know those above."
            )
        elif known := sorted(DRAWN.keys() & others.keys()):
            self.add_error("other", f"{known[0]} has a field of its own.")
        else:
            return others
        return {}

    def _check_place(self, given: dict[str, Any]) -> None:
        """What does not fit the chosen place would be ignored without a word."""
        is_local = given.get("backend") == Revision.Backend.LLAMA_CPP
        if is_local and "weights" not in self.errors and not given.get("weights"):
            self.add_error("weights", "Give the weights: the name of a file in a worker's folder.")
        if not is_local and "remote_model" not in self.errors and not given.get("remote_model"):
            self.add_error("remote_model", "Give the model's name at the API.")
        for name in ("remote_model", "url", "key_variable", "daily_tokens", "daily_usd"):
            if is_local and given.get(name):
                self.add_error(name, "Only for APIs: leave it empty, or choose an API above.")
        for name in ("weights", "prompt_format"):
            if not is_local and given.get(name):
                self.add_error(name, "Only for weights here: leave it empty, or choose them above.")

    def _above_0(self, name: str, what: str) -> int:
        value: int = self.cleaned_data[name]
        if value < 1:
            raise ValidationError(f"{what} must be at least 1.")
        return value

    def full_clean(self) -> None:
        super().full_clean()
        if not self.is_bound or (self.empty_permitted and not self.has_changed()):
            return
        self._take_from_card()
        if not self.errors and (why := objection(self.instance)):
            self.add_error(None, why)

    def _take_from_card(self) -> None:
        """What the worker read in the file: nobody has to type it."""
        revision = self.instance
        card = None
        if not revision.is_remote and revision.weights:
            card = card_of(broker.connection(), revision.weights)
        if card is not None:
            revision.weights_sha256, revision.quantisation = card.sha256, card.quantisation
            if 0 < card.context <= revision.max_tokens and "max_tokens" not in self.errors:
                why = (
                    f"{card.name} takes {card.context:,} tokens, answer included. Lower the limit."
                )
                self.add_error("max_tokens", why)
        elif "weights" in self.changed_data:
            revision.weights_sha256 = revision.quantisation = ""


class RevisionFormSet(BaseInlineFormSet):
    """The first revision, on the form of a new contestant."""

    def clean(self) -> None:
        super().clean()
        for form in self.forms:
            if form.has_changed() and (why := against_cap(self.instance, form.instance)):
                raise ValidationError(why)


def against_cap(contestant: Contestant, revision: Revision) -> str:
    """Why spending could not be counted; "" if it can."""
    prices = (contestant.input_price, contestant.output_price)
    if revision.daily_usd is None or None not in prices:
        return ""
    return (
        "A cap in dollars needs the contestant's input and output prices: without them, "
        "spending cannot be counted."
    )


def with_scheme(url: str) -> str:
    """An address as it was meant: https is not always typed."""
    return f"https://{url}" if url and ":" not in url.partition("/")[0] else url


class StateForm(forms.Form):
    """Another state for some contestants."""

    state = forms.ChoiceField(choices=State.choices, error_messages={"required": "Choose a state."})
    reason = forms.CharField(
        error_messages={"required": "Say why: the reason goes into the public log."},
        max_length=300,
        widget=forms.TextInput({"class": "vTextField"}),
        help_text=FOR_LOG,
    )
    anyway = forms.BooleanField(
        required=False, label="Activate although something speaks against it"
    )

    def clean_reason(self) -> str:
        return " ".join(str(self.cleaned_data["reason"]).split())
