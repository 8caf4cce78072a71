"""Every entry is complete, well typed and cites the sources of its facts."""

from __future__ import annotations

import re
from datetime import date

from gguf.constants import MODEL_ARCH_NAMES
from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from arena.catalogue import ENDPOINT_ONLY, Access, Family, Host, Licence, Model, load
from inference.contract import keys
from tests.each import each

FAMILIES = load().families
MODELS = load().models.values()
EARLIEST = date(2021, 1, 1)

LOCAL = {
    "llama",
    "llama-2",
    "llama-3",
    "mistral-7b",
    "mixtral-8x7b",
    "falcon",
    "bloom",
    "mpt",
    "cerebras-gpt",
    "pythia",
    "xgen",
    "openllama",
    "alpaca",
    "vicuna",
    "koala",
    "dolly-v2",
    "orca-2",
    "phi-2",
    "gpt-neox-20b",
    "smollm2",
    "gemma-3",
    "qwen-2.5",
}
UNLOADABLE = {"opt", "gpt-neo", "gpt-j"}
REMOTE = {"gpt-3.5", "gpt-4", "claude", "gemini", "palm-2"}
# llama.cpp's names; it knows the name `gptj` but cannot load such a model.
ARCHITECTURES = set(MODEL_ARCH_NAMES.values()) - {"gptj"}


def is_spdx(name: str) -> bool:
    try:
        return canonicalize_license_expression(name) == name
    except InvalidLicenseExpression:
        return False


@each(sorted(LOCAL | UNLOADABLE))
def test_open_family_is_complete(slug: str) -> None:
    family = FAMILIES[slug]
    assert family.access is not Access.PROPRIETARY
    assert family.release_date is not None
    assert family.parameters
    assert family.context_length
    assert family.format is not None
    assert family.format.stop
    assert family.patterns
    # Mistral AI never said what its models were trained on.
    assert bool(family.training_tokens) == (family.developer != "Mistral AI")


@each(sorted(REMOTE))
def test_proprietary_family_is_complete(slug: str) -> None:
    family = FAMILIES[slug]
    assert family.access is Access.PROPRIETARY
    assert family.release_date is not None
    assert family.patterns
    assert family.runs == ENDPOINT_ONLY


def test_families_that_the_engine_loads_name_their_architecture() -> None:
    assert {slug for slug in LOCAL if FAMILIES[slug].architecture in ARCHITECTURES} == LOCAL
    assert {FAMILIES[slug].runs for slug in UNLOADABLE} == {ENDPOINT_ONLY}


@each(FAMILIES.values())
def test_family_is_well_typed(family: Family) -> None:
    assert re.fullmatch(r"[a-z0-9.-]+", family.slug)
    assert family.name
    assert family.developer
    for numbers in (family.parameters, family.training_tokens, family.context_length):
        assert all(type(number) is int and number > 0 for number in numbers)
        assert sorted(set(numbers)) == list(numbers)
    assert family.release_date is None or EARLIEST < family.release_date < date.today()
    assert family.architecture is None or family.architecture in ARCHITECTURES
    assert all(re.compile(pattern) for pattern in family.patterns)
    assert family.sources["all"]
    assert all(family.sources.values())


@each(MODELS)
def test_model_is_well_typed(model: Model) -> None:
    assert model.organisation
    for number in (model.parameters, model.training_tokens, model.context_length):
        assert number is None or (type(number) is int and number > 0)
    if model.active_parameters is not None:
        assert model.parameters is not None
        assert 0 < model.active_parameters < model.parameters
    assert model.release_date is None or EARLIEST < model.release_date < date.today()
    assert model.architecture is None or model.architecture in ARCHITECTURES


@each(MODELS)
def test_model_names_the_source_of_each_fact(model: Model) -> None:
    facts = {
        "organisation": model.organisation,
        "licence": model.licence,
        "parameters": model.parameters,
        "active_parameters": model.active_parameters,
        "training_tokens": model.training_tokens,
        "context_length": model.context_length,
        "release_date": model.release_date,
        "price": model.price,
    }
    known = {fact for fact, value in facts.items() if value is not None}
    assert set(model.sources) - {"access"} == known
    assert all(model.sources.values())


@each(MODELS)
def test_model_is_among_the_sizes_of_its_family(model: Model) -> None:
    sizes = FAMILIES[model.family].parameters
    assert not sizes or model.parameters is None or model.parameters in sizes


@each(MODELS)
def test_model_fits_the_form_of_a_contestant(model: Model) -> None:
    """The lengths are those of the columns of `arena.models.Contestant`."""
    assert len(model.name) <= 120
    assert len(model.organisation) <= 120
    assert len(model.licence.id) <= 120


@each(load().licences.values())
def test_licence_has_its_spdx_identifier_if_there_is_one(licence: Licence) -> None:
    assert licence.spdx == is_spdx(licence.id)
    assert licence.commercial_note
    assert licence.redistribution_note
    assert licence.source


def test_every_licence_and_format_is_used() -> None:
    entries: list[Family | Model] = [*FAMILIES.values(), *MODELS]
    assert {entry.licence.id for entry in entries} == set(load().licences)
    assert {entry.format.name for entry in entries if entry.format} == set(load().formats)


@each(load().hosts.values())
def test_host_is_complete(host: Host) -> None:
    assert re.match(r"https?://[a-z{]", host.base_url)
    assert keys.is_name(host.key_variable)
    assert set(host.serves) <= set(FAMILIES)
    assert host.operator
    assert host.sources["all"].startswith("https://")


@each(load().hosts.values())
def test_models_of_a_host_are_of_the_families_it_serves(host: Host) -> None:
    assert {load().models[name].family for name in host.models} <= set(host.serves)
    assert all(hosted.id for hosted in host.models.values())
    assert not host.models or host.sources["models"].startswith("https://")


def test_hosts_of_the_field_are_there() -> None:
    assert {"azure", "bedrock", "huggingface-tgi", "huggingface-router"} <= set(load().hosts)
