"""Damaged weights: an inspection, or a sentence."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.contract.errors import EngineError
from inference.engine.inspection import inspect
from tests.inference.engine.tiny_weights import LLAMA, write_tiny

from .habits import fuzzed, peak, unless_refused
from .values import damaged

pytestmark = pytest.mark.slow
HEADER = 1_500  # bytes; behind it are names of tokens and numbers
MOST_MEMORY = 50_000_000


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    file = tmp_path_factory.mktemp("tiny") / "tiny.gguf"
    write_tiny(file, LLAMA)
    return file.read_bytes()


@fuzzed
@given(data=st.data())
def test_any_damage_is_told(tiny: bytes, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "damaged.gguf"
        file.write_bytes(data.draw(damaged(tiny, within=HEADER)))
        found = unless_refused(EngineError, lambda: inspect(file))
        if found is not None:
            assert found.bytes == file.stat().st_size
            assert min(found.parameters, found.context, found.vocabulary) >= 0
        assert peak(lambda _: unless_refused(EngineError, lambda: inspect(file)), "") < MOST_MEMORY
