"""How open a model is; the rule is in docs/catalogue.md."""

from __future__ import annotations

import re

import pytest

from arena.catalogue import (
    Access,
    Family,
    Grade,
    Graded,
    Licence,
    Model,
    Permission,
    find,
    load,
    published_of,
)
from tests.each import each

MODELS = load().models.values()
ENTRIES: list[Family | Model] = [*load().families.values(), *MODELS]


def graded(family: Family) -> list[Graded | None]:
    known = family.openness
    return [known.training_data, known.training_code, known.report]


@pytest.mark.parametrize(
    ("name", "access", "licence"),
    [
        ("gpt-4", "PROPRIETARY", "proprietary"),
        ("claude-2.1", "PROPRIETARY", "proprietary"),
        ("palm-2", "PROPRIETARY", "proprietary"),
        ("mistral-medium", "PROPRIETARY", "proprietary"),
        ("mixtral-8x7b-instruct-v0.1", "OPEN_WEIGHTS", "Apache-2.0"),
        ("falcon-40b-instruct", "OPEN_WEIGHTS", "Apache-2.0"),
        ("phi-2", "OPEN_WEIGHTS", "MIT"),
        ("llama-2-70b-chat", "OPEN_WEIGHTS", "Llama 2 Community License"),
        ("llama-13b", "OPEN_WEIGHTS", "LLaMA License"),
        ("bloom", "OPEN_WEIGHTS", "BigScience BLOOM RAIL 1.0"),
        ("mpt-7b-chat", "OPEN_WEIGHTS", "CC-BY-NC-SA-4.0"),
        ("SmolLM2-135M-Instruct", "OPEN_SOURCE", "Apache-2.0"),
        ("pythia-12b", "OPEN_SOURCE", "Apache-2.0"),
        ("dolly-v2-12b", "OPEN_SOURCE", "MIT"),
        ("olmo-7b-instruct", "OPEN_SOURCE", "Apache-2.0"),
    ],
)
def test_well_known_model_has_its_access(name: str, access: str, licence: str) -> None:
    model = find(name)
    assert model is not None
    assert (model.access, model.licence.id) == (access, licence)


@each(ENTRIES)
def test_proprietary_ones_are_those_with_a_proprietary_licence(entry: Family | Model) -> None:
    assert (entry.access is Access.PROPRIETARY) == (entry.licence.id == "proprietary")


@each(entry for entry in ENTRIES if entry.access is Access.PROPRIETARY)
def test_proprietary_one_has_no_architecture(entry: Family | Model) -> None:
    assert entry.architecture is None


@each(entry for entry in ENTRIES if entry.access is Access.OPEN_SOURCE)
def test_open_source_one_says_where_its_code_and_data_are(entry: Family | Model) -> None:
    assert entry.licence.osi
    assert "code" in entry.sources["access"]
    assert "data" in entry.sources["access"]


@each(model for model in MODELS if model.base and model.access is Access.OPEN_SOURCE)
def test_model_is_no_more_open_than_the_one_it_was_made_from(model: Model) -> None:
    assert load().models[model.base].access is Access.OPEN_SOURCE


@each(licence for licence in load().licences.values() if licence.osi)
def test_licence_approved_by_the_osi_forbids_nothing(licence: Licence) -> None:
    assert (licence.commercial, licence.redistribution) == (Permission.YES, Permission.YES)


@each(family for family in load().families.values() if family.access is Access.OPEN_SOURCE)
def test_open_source_one_has_published_its_data_and_code(family: Family) -> None:
    known = [family.openness.training_data, family.openness.training_code]
    assert all(part is None or part.grade is Grade.YES for part in known)


@each(family for family in load().families.values() if family.access is Access.PROPRIETARY)
def test_proprietary_one_has_published_no_code(family: Family) -> None:
    code = family.openness.training_code
    assert code is None or code.grade is Grade.NO


@each(part for family in load().families.values() for part in graded(family) if part)
def test_what_is_published_has_an_address(part: Graded) -> None:
    assert re.fullmatch(r"https://[\w.-]+/\S+", part.source)


@pytest.mark.parametrize(
    ("name", "grades"),
    [
        ("gpt-4", ["no", "no", "partly"]),
        ("llama-2-70b-chat", ["no", "no", "yes"]),
        ("mixtral-8x7b-instruct-v0.1", ["no", "no", "partly"]),
        ("falcon-40b-instruct", ["partly", "no", "yes"]),
        ("vicuna-13b", ["no", "partly", "partly"]),
        ("SmolLM2-135M-Instruct", ["yes", "yes", "yes"]),
        ("oasst-pythia-12b", ["yes", "yes", "yes"]),
        # Its fine-tuning is published, that of the model it was made from is not.
        ("llama2-70b-oasst-sft-v10", ["partly", "partly", "yes"]),
        # What is published of the model it was made from is not known.
        ("Open-Assistant StableLM SFT-7 (7B)", [None, None, "yes"]),
        ("nobody knows this one", [None, None, None]),
    ],
)
def test_well_known_model_has_published_this(name: str, grades: list[str | None]) -> None:
    known = published_of(name)
    parts = known.training_data, known.training_code, known.report
    assert [part and part.grade for part in parts] == grades
