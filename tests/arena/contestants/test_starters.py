from __future__ import annotations

from pathlib import Path

import pytest

from arena.contestants.starters import seed
from arena.models import Contestant, RegistryEvent, Revision
from inference.contract.weights import WeightsError

pytestmark = pytest.mark.django_db


def test_starters_are_two_open_and_two_stand_ins_all_different(weights: Path) -> None:
    assert seed(weights.parent) == 4
    access = sorted(Contestant.objects.values_list("access", "stands_in_for"))
    assert access == [
        ("OPEN_SOURCE", ""),
        ("OPEN_SOURCE", ""),
        ("PROPRIETARY", "Claude (Anthropic)"),
        ("PROPRIETARY", "GPT-4 (OpenAI)"),
    ]
    settings = {(r.weights, r.system_prompt, str(r.sampling)) for r in Revision.objects.all()}
    assert len(settings) == 4
    files = {(weights.parent / f"{r.weights}.gguf").exists() for r in Revision.objects.all()}
    assert files == {True}
    assert all(len(r.weights_sha256) == 64 for r in Revision.objects.all())
    assert RegistryEvent.objects.count() == 4


def test_seeding_again_changes_nothing(weights: Path) -> None:
    seed(weights.parent)
    Contestant.objects.filter(slug="smollm2-135m").update(name="Renamed", state="PAUSED")
    assert seed(weights.parent) == 0
    assert Contestant.objects.get(slug="smollm2-135m").name == "Renamed"


def test_revision_is_frozen(weights: Path) -> None:
    seed(weights.parent)
    revision = Revision.objects.earliest("pk")
    revision.max_tokens = 1
    with pytest.raises(ValueError, match="frozen"):
        revision.save()


def test_host_without_llama_cpp_is_told_how_to_prepare(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / weights.name).symlink_to(weights)
    (tmp_path / "llama_cpp.py").write_text("raise ImportError('no llama.cpp here')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(WeightsError, match=r"no llama.cpp here. .* --without-starters"):
        seed(tmp_path)
