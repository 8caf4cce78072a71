"""The records of the catalogue: families, models, hosts, licences, prompt formats.

Unconfirmed facts are None. `sources` has the source of each of the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

ENDPOINT_ONLY = "endpoint only"


class CatalogueError(Exception):
    """An entry of the catalogue is invalid; the message says which and why."""


class Access(StrEnum):
    """How open a model is, as in `Contestant.Access`. The rule is in docs/catalogue.md."""

    OPEN_SOURCE = "OPEN_SOURCE"
    OPEN_WEIGHTS = "OPEN_WEIGHTS"
    PROPRIETARY = "PROPRIETARY"


class Permission(StrEnum):
    YES = "yes"
    NO = "no"
    CONDITIONAL = "conditional"


class Grade(StrEnum):
    """How much of something is published; the rules are in docs/catalogue.md."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class Protocol(StrEnum):
    """The wire format a host speaks."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"


@dataclass(frozen=True)
class Licence:
    id: str  # an SPDX identifier if `spdx`, otherwise the licence's own name
    spdx: bool
    osi: bool  # approved by the Open Source Initiative
    commercial: Permission
    commercial_note: str
    redistribution: Permission
    redistribution_note: str
    source: str


@dataclass(frozen=True)
class PromptFormat:
    """A Jinja chat template over `messages`, `bos_token`, `eos_token`, `add_generation_prompt`."""

    name: str
    template: str
    stop: tuple[str, ...]
    opening: str  # the end of every rendering, where the assistant's turn begins
    source: str


@dataclass(frozen=True)
class Graded:
    grade: Grade
    source: str  # the address of what is published, or of where its developer says less


@dataclass(frozen=True)
class Openness:
    """What is published of a family besides its weights; None: not confirmed."""

    training_data: Graded | None = None
    training_code: Graded | None = None
    report: Graded | None = None  # a paper on architecture and training


@dataclass(frozen=True)
class Family:
    """Related models by one developer.

    The numbers are those of its members, smallest first; a single one if all share it.
    """

    slug: str
    name: str
    developer: str
    licence: Licence
    access: Access
    format: PromptFormat | None  # None: its host or its weights have their own
    architecture: str | None  # GGUF's name for it; None: endpoint only
    sources: Mapping[str, str]  # `all` stands for every fact that is not listed
    release_date: date | None = None  # of its first model
    parameters: tuple[int, ...] = ()
    training_tokens: tuple[int, ...] = ()
    context_length: tuple[int, ...] = ()  # tokens
    patterns: tuple[str, ...] = ()  # regular expressions over `names.plain`
    openness: Openness = Openness()

    @property
    def runs(self) -> str:
        """How it runs here: a GGUF architecture, or "endpoint only"."""
        return self.architecture or ENDPOINT_ONLY


@dataclass(frozen=True)
class Price:
    """USD per million tokens, and a day on which it was that."""

    input: float
    output: float
    date: date


@dataclass(frozen=True)
class Model:
    """One model, with the facts that a `Contestant` holds and how to run it."""

    name: str
    family: str  # its slug
    organisation: str
    licence: Licence
    access: Access
    format: PromptFormat | None
    architecture: str | None
    sources: Mapping[str, str]  # one for each known fact
    parameters: int | None = None
    active_parameters: int | None = None  # per token, for a mixture of experts
    training_tokens: int | None = None
    context_length: int | None = None
    release_date: date | None = None
    price: Price | None = None
    aliases: tuple[str, ...] = ()
    base: str = ""  # the model it was made from

    @property
    def runs(self) -> str:
        """How it runs here: a GGUF architecture, or "endpoint only"."""
        return self.architecture or ENDPOINT_ONLY

    def contestant(self) -> dict[str, str | int | Decimal | date | None]:
        """The fields of `arena.models.Contestant` that the catalogue can fill in."""
        price = self.price
        return {
            "name": self.name,
            "organisation": self.organisation,
            "licence": self.licence.id,
            "access": self.access.value,
            "parameters": self.parameters,
            "active_parameters": self.active_parameters,
            "training_tokens": self.training_tokens,
            "context_length": self.context_length,
            "release_date": self.release_date,
            "input_price": Decimal(f"{price.input:.4f}") if price else None,
            "output_price": Decimal(f"{price.output:.4f}") if price else None,
            "price_date": price.date if price else None,
            "price_source": self.sources.get("price", ""),
        }


@dataclass(frozen=True)
class Hosted:
    """A model as a host offers it."""

    name: str  # of the model in the catalogue
    id: str  # the host's name for the model
    until: date | None = None  # the last day on which it is offered


@dataclass(frozen=True)
class Host:
    """A server that runs models: a provider's API or your own."""

    slug: str
    name: str
    operator: str
    protocol: Protocol
    base_url: str  # {braces} mark parts that the admin fills in
    key_variable: str  # the environment variable its client conventionally reads
    serves: tuple[str, ...]  # slugs of families; empty: whatever the customer deploys
    note: str
    sources: Mapping[str, str]
    models: Mapping[str, Hosted] = field(default_factory=dict)  # empty if the customer deploys

    @property
    def is_own(self) -> bool:
        """Whether it is the admin's own server, which needs no key by default."""
        return self.operator == "yourself"


@dataclass(frozen=True)
class Catalogue:
    """All records, by id, name or slug."""

    licences: Mapping[str, Licence]
    formats: Mapping[str, PromptFormat]
    families: Mapping[str, Family]
    models: Mapping[str, Model]
    hosts: Mapping[str, Host]
