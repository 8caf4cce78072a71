"""How open a model is; the rule is in docs/catalogue.md."""

from __future__ import annotations

import pytest

from arena.catalogue import Access, Family, Model, Permission, find, load

ENTRIES: list[Family | Model] = [*load().families.values(), *load().models.values()]


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


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_access_and_licence_agree(entry: Family | Model) -> None:
    proprietary = entry.access is Access.PROPRIETARY
    assert proprietary == (entry.licence.id == "proprietary")
    if proprietary:
        assert entry.architecture is None
    if entry.access is Access.OPEN_SOURCE:
        assert entry.licence.osi
        assert "code" in entry.sources["access"]
        assert "data" in entry.sources["access"]


@pytest.mark.parametrize("model", load().models.values(), ids=lambda model: model.name)
def test_model_is_no_more_open_than_the_one_it_was_made_from(model: Model) -> None:
    if model.base and model.access is Access.OPEN_SOURCE:
        assert load().models[model.base].access is Access.OPEN_SOURCE


def test_no_licence_approved_by_the_osi_forbids_anything() -> None:
    for licence in load().licences.values():
        if licence.osi:
            assert (licence.commercial, licence.redistribution) == (Permission.YES, Permission.YES)
