"""What the catalogue knows: families, models, hosts, licences, prompt formats.

Facts that nobody could confirm are None. `sources` says where each of the others was read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

ENDPOINT_ONLY = "endpoint only"


class CatalogueError(Exception):
    """An entry of the catalogue cannot be read; the message says which and why."""


class Access(StrEnum):
    """How open a model is, as in `Contestant.Access`. The rule is in docs/catalogue.md."""

    OPEN_SOURCE = "OPEN_SOURCE"
    OPEN_WEIGHTS = "OPEN_WEIGHTS"
    PROPRIETARY = "PROPRIETARY"


class Permission(StrEnum):
    YES = "yes"
    NO = "no"
    CONDITIONAL = "conditional"


class Protocol(StrEnum):
    """The wire format a host speaks."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"


@dataclass(frozen=True)
class Licence:
    id: str  # an SPDX identifier where `spdx` is true, else the licence's own name
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
    opening: str  # how every rendering ends: where the assistant begins to speak
    source: str


@dataclass(frozen=True)
class Family:
    """Models made alike by one developer.

    The numbers are those of its members, smallest first: one if all share it.
    """

    slug: str
    name: str
    developer: str
    licence: Licence
    access: Access
    format: PromptFormat | None  # None: its host or its weights bring their own
    architecture: str | None  # as GGUF calls it; None: endpoint only
    sources: Mapping[str, str]  # `all` stands for every fact that is not listed
    release_date: date | None = None  # of the first of them
    parameters: tuple[int, ...] = ()
    training_tokens: tuple[int, ...] = ()
    context_length: tuple[int, ...] = ()  # tokens
    patterns: tuple[str, ...] = ()  # regular expressions over `names.plain`

    @property
    def runs(self) -> str:
        """How it runs here: a GGUF architecture, or "endpoint only"."""
        return self.architecture or ENDPOINT_ONLY


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
    sources: Mapping[str, str]  # one for each fact that is known
    parameters: int | None = None
    active_parameters: int | None = None  # of a mixture of experts, for each token
    training_tokens: int | None = None
    context_length: int | None = None
    release_date: date | None = None
    aliases: tuple[str, ...] = ()
    base: str = ""  # the model it was made from

    @property
    def runs(self) -> str:
        """How it runs here: a GGUF architecture, or "endpoint only"."""
        return self.architecture or ENDPOINT_ONLY

    def contestant(self) -> dict[str, str | int | date | None]:
        """The fields of `arena.models.Contestant` that the catalogue can fill in."""
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
        }


@dataclass(frozen=True)
class Hosted:
    """A model as some host offers it."""

    name: str  # of the model, here
    id: str  # there
    until: date | None = None  # the last day, at the latest


@dataclass(frozen=True)
class Host:
    """Somebody else's machine that answers for a model."""

    slug: str
    name: str
    operator: str
    protocol: Protocol
    base_url: str  # {braces} mark what the admin fills in
    key_variable: str  # the environment variable its client conventionally reads
    serves: tuple[str, ...]  # slugs of families; empty: whatever is deployed on it
    note: str
    sources: Mapping[str, str]
    models: Mapping[str, Hosted] = field(default_factory=dict)  # empty: what its customer deploys

    @property
    def is_own(self) -> bool:
        """Whether the admin runs it: it has no key but one it was given."""
        return self.operator == "yourself"


@dataclass(frozen=True)
class Catalogue:
    """Everything, by id, name or slug."""

    licences: Mapping[str, Licence]
    formats: Mapping[str, PromptFormat]
    families: Mapping[str, Family]
    models: Mapping[str, Model]
    hosts: Mapping[str, Host]
