from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inference.contract import keys
from inference.contract.limits import ANSWERS, TEXTS
from inference.contract.requests import Endpoint, service_of

from .. import energy
from ..limits import IMPORTS
from .addresses import web_address
from .names import NameField, plain_name, plain_slug

STAND_IN = "STAND_IN"
NOT_KNOWN = "not known"  # organisation or licence of a model that a file names


class Contestant(models.Model):
    """A model as entered in the arena: what readers of the leaderboard see of it.

    How it is run is a `Revision`; what happened to it is in its `RegistryEvent`s.
    """

    class Access(models.TextChoices):
        OPEN_SOURCE = "OPEN_SOURCE", _("open source")
        OPEN_WEIGHTS = "OPEN_WEIGHTS", _("open weights")
        PROPRIETARY = "PROPRIETARY", _("proprietary")
        UNKNOWN = "UNKNOWN", _("access unknown")

        @property
        def is_open(self) -> bool | None:
            """None if unknown: such a model is on neither side of open against closed."""
            return None if self == self.UNKNOWN else self != self.PROPRIETARY

    class State(models.TextChoices):
        DRAFT = "DRAFT", _("draft")
        HIDDEN = "HIDDEN", _("hidden")
        ACTIVE = "ACTIVE", _("active")
        PAUSED = "PAUSED", _("paused")
        RETIRED = "RETIRED", _("retired")

    slug = models.SlugField(unique=True, max_length=80)
    name = NameField(max_length=IMPORTS.name_characters, unique=True)
    organisation = NameField(max_length=120)
    licence = NameField(max_length=120)
    access = models.CharField(max_length=12, choices=Access)
    stands_in_for = NameField(
        max_length=120,
        blank=True,
        help_text="The proprietary model this contestant plays; named in the reveal.",
    )
    parameters = models.BigIntegerField(null=True, blank=True, help_text="number of weights")
    active_parameters = models.BigIntegerField(
        null=True, blank=True, help_text="weights used for each token (mixtures of experts)"
    )
    training_tokens = models.BigIntegerField(null=True, blank=True)
    context_length = models.PositiveIntegerField(null=True, blank=True, help_text="tokens")
    release_date = models.DateField(null=True, blank=True)
    input_price = models.DecimalField(
        max_digits=10, decimal_places=4, null=True, blank=True, help_text="USD per million tokens"
    )
    output_price = models.DecimalField(
        max_digits=10, decimal_places=4, null=True, blank=True, help_text="USD per million tokens"
    )
    price_date = models.DateField(null=True, blank=True, help_text="when these prices were seen")
    price_source = models.CharField(
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text="an address, or words",
    )
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [plain_slug("contestant_slug"), plain_name("contestant_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool | None:
        """None if unknown, and for a stand-in: it is on neither side of open against closed."""
        is_known = not self.stands_in_for and self.access in self.Access.values
        return self.Access(self.access).is_open if is_known else None

    @property
    def kind(self) -> str:
        """For programs: its access, or that it is a stand-in."""
        return STAND_IN if self.stands_in_for else self.access

    @property
    def energy(self) -> energy.Energy | None:
        """An estimate for open weights of known size; None for other models, and for a mixture of
        experts of which nobody said how many parameters it uses."""
        size, active = self.parameters, self.active_parameters
        if not (self.is_open and size) or (active is None and energy.is_mixture(self.name)):
            return None
        return energy.estimate(size, active, settings.GRID_CO2E)

    def get_kind_display(self) -> str:
        return str(_("stand-in")) if self.stands_in_for else self.get_access_display()


class Revisions(models.QuerySet["Revision"]):
    def newest(self) -> Revisions:
        """The newest of each contestant."""
        return self.order_by("contestant_id", "-number").distinct("contestant_id")


class Revision(models.Model):
    """Frozen settings of a contestant; every answer refers to the revision that generated it."""

    class Backend(models.TextChoices):
        LLAMA_CPP = "llama_cpp", "our own weights"
        OPENAI = "openai", "OpenAI-compatible API"
        ANTHROPIC = "anthropic", "Anthropic API"

    contestant = models.ForeignKey(Contestant, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField(default=1)
    backend = models.CharField(max_length=40, choices=Backend, default=Backend.LLAMA_CPP)
    weights = models.CharField(
        max_length=TEXTS.weights_name,
        blank=True,
        help_text="GGUF file in the weights folder, without .gguf",
    )
    weights_sha256 = models.CharField(max_length=64, blank=True)
    quantisation = models.CharField(max_length=20, blank=True)
    prompt_format = models.TextField(
        blank=True, help_text="A Jinja chat template; empty: the one inside the weights."
    )
    system_prompt = models.TextField(blank=True)
    sampling = models.JSONField(default=dict, blank=True, help_text='e.g. {"temperature": 0.7}')
    stop = models.JSONField(default=list, blank=True, help_text='e.g. ["### Human:"]')
    max_tokens = models.PositiveIntegerField(default=ANSWERS.max_tokens)
    max_thought_tokens = models.PositiveIntegerField(
        default=ANSWERS.max_thought_tokens,
        db_default=ANSWERS.max_thought_tokens,
        help_text="For its thoughts before the answer, on top of that.",
    )
    url = models.CharField(
        "base URL",
        max_length=200,
        blank=True,
        validators=[web_address],
        help_text="Of the API; empty: the provider's own.",
    )
    remote_model = models.CharField(
        "model", max_length=200, blank=True, help_text="The model's name at the API."
    )
    key_variable = models.CharField(
        max_length=80,
        blank=True,
        validators=[
            RegexValidator(
                keys.NAME, "Such as OPENAI_API_KEY; also AWS_BEARER_TOKEN_BEDROCK and HF_TOKEN."
            )
        ],
        help_text="Name of the API key: one kept under API keys, or a variable of the environment "
        "of a model worker.",
    )
    timeout_s = models.PositiveIntegerField(
        default=int(ANSWERS.silence_s), help_text="longest silence, in seconds"
    )
    answer_s = models.PositiveIntegerField(
        null=True, blank=True, help_text="seconds for a whole answer; empty: as all have"
    )
    lessons = models.JSONField(
        default=list, db_default=[], blank=True, help_text="what its API is known to accept"
    )
    daily_tokens = models.PositiveBigIntegerField(null=True, blank=True, help_text="cap per day")
    daily_usd = models.DecimalField(
        max_digits=10, decimal_places=2, null=True, blank=True, help_text="cap per day"
    )
    created = models.DateTimeField(auto_now_add=True)

    objects = Revisions.as_manager()

    class Meta:
        ordering = ["contestant", "number"]
        constraints = [
            models.UniqueConstraint(fields=["contestant", "number"], name="revision_number_once"),
            models.CheckConstraint(condition=Q(max_tokens__gt=0), name="revision_max_tokens"),
            models.CheckConstraint(
                condition=(Q(backend="llama_cpp") & ~Q(weights=""))
                | (~Q(backend="llama_cpp") & ~Q(remote_model="")),
                name="revision_has_a_model",
                violation_error_message="Give the weights or, for an API, the model.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contestant} r{self.number}"

    @property
    def is_remote(self) -> bool:
        return self.backend != self.Backend.LLAMA_CPP

    @property
    def is_capped(self) -> bool:
        """Whether it has a daily cap on tokens or money."""
        return self.daily_tokens is not None or self.daily_usd is not None

    @property
    def service(self) -> str:
        """The service that a worker must provide to run it."""
        return service_of(self.weights, self.key_variable if self.is_remote else None)

    @property
    def endpoint(self) -> Endpoint | None:
        if not self.is_remote:
            return None
        contestant = self.contestant
        return Endpoint(
            url=self.url,
            model=self.remote_model,
            key_variable=self.key_variable,
            meter=f"contestant-{contestant.pk}",
            timeout_s=self.timeout_s,
            daily_tokens=self.daily_tokens,
            daily_usd=None if self.daily_usd is None else float(self.daily_usd),
            input_usd=float(contestant.input_price or 0),
            output_usd=float(contestant.output_price or 0),
            lessons=tuple(self.lessons),
        )

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise ValueError("A revision is frozen. Add a new one instead of changing it.")
        super().save(*args, **kwargs)


class Learned(models.Model):
    """What model workers have found out about a revision's API by themselves, beside the revision,
    which is frozen."""

    revision = models.OneToOneField(
        Revision, on_delete=models.CASCADE, primary_key=True, related_name="learned"
    )
    lessons = models.JSONField(default=dict, help_text="when each was learned")
    trial = models.PositiveIntegerField(default=0, help_text="how often all of it was forgotten")

    def __str__(self) -> str:
        return f"learned of {self.revision}"


class RegistryEvent(models.Model):
    """The public, append-only log of every change of a contestant's state, of its name and of
    whatever else readers know it by, with the reason."""

    class What(models.TextChoices):
        STATE = "state", _("state")
        NAME = "name", _("name")
        ORGANISATION = "organisation", _("organisation")
        ACCESS = "access", _("access")
        LICENCE = "licence", _("licence")
        STAND_IN = "stands_in_for", _("stands in for")

    contestant = models.ForeignKey(Contestant, on_delete=models.CASCADE, related_name="events")
    what = models.CharField(max_length=13, choices=What, default=What.STATE)
    old = models.CharField(max_length=120, blank=True)
    new = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=300)
    automatic = models.BooleanField(default=False, help_text="whether the arena did it by itself")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["contestant", "-id"], name="newest_events")]

    def __str__(self) -> str:
        return f"{self.contestant}: {self.change}"

    @property
    def change(self) -> str:
        """What changed, in the words of readers."""
        old, new = self._said(self.old), self._said(self.new)
        if self.what == self.What.STATE:
            return f"{old} → {new}" if old else new
        return f"{self.get_what_display()}: {old or '—'} → {new or '—'}"

    def _said(self, value: str) -> str:
        """A value of a choice in its words; any other as it is."""
        if self.what not in (self.What.STATE, self.What.ACCESS):
            return value
        kind = Contestant.State if self.what == self.What.STATE else Contestant.Access
        return str(dict(kind.choices).get(value, value))


class Failure(models.Model):
    """An answer that its model failed to give, after all attempts. The answer itself may be another
    contestant's by now."""

    revision = models.ForeignKey(
        Revision, on_delete=models.CASCADE, related_name="failures", db_index=False
    )
    reason = models.CharField(max_length=300, help_text="for staff only: it may name an address")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["revision", "-at"], name="newest_failures"),
            models.Index(fields=["at"], name="failures_at"),
        ]

    def __str__(self) -> str:
        return f"{self.revision}: {self.reason}"
