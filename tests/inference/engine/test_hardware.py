"""What an engine is told to run on: refused where it can't be, and told to llama.cpp."""

from __future__ import annotations

from pathlib import Path

import llama_cpp
import pytest

from inference.contract.errors import EngineError
from inference.contract.sampling import Sampling
from inference.engine import Engine, Hardware, Job, hardware, library
from inference.engine.hardware import CACHE_TYPES, USUAL
from inference.engine.inspection import inspect

GPU, CPU = library.GPUS[0], 0
TWO = [(CPU, "EPYC"), (GPU, "NVIDIA L4"), (GPU, "NVIDIA L40")]


@pytest.fixture
def two_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a build with CUDA tells them: there is no GPU where tests run."""
    monkeypatch.setattr(library, "devices", lambda: TWO)
    monkeypatch.setattr(llama_cpp, "llama_supports_gpu_offload", lambda: True)


def why(**asked: object) -> str:
    with pytest.raises(EngineError) as refused:
        Hardware(**asked).check()  # type: ignore[arg-type]
    assert refused.value.permanent
    return str(refused.value)


ASKED = [
    ({"gpu_layers": 4}, "--gpu-layers"),
    ({"gpu": 1, "split": "none"}, "--gpu"),
    ({"shares": (3.0, 1.0)}, "--gpu-shares"),
    ({"split": "row"}, "--gpu-split"),
]


@pytest.mark.parametrize(("asked", "option"), ASKED)
def test_build_without_gpu_says_so(
    asked: dict[str, object], option: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(llama_cpp, "llama_supports_gpu_offload", lambda: False)
    assert "was built without a GPU" in why(**asked)
    assert why(**asked).endswith(f"omit {option}.")


@pytest.mark.parametrize(("asked", "option"), ASKED)
def test_machine_without_gpu_says_so(
    asked: dict[str, object], option: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(llama_cpp, "llama_supports_gpu_offload", lambda: True)
    monkeypatch.setattr(library, "devices", lambda: [(CPU, "EPYC")])
    assert why(**asked) == hardware.NO_GPU.format(option)


@pytest.mark.usefixtures("two_gpus")
def test_more_gpus_than_there_are_are_refused() -> None:
    present = "there are 2: NVIDIA L4, NVIDIA L40."
    assert why(gpu=2, split="none") == f"--gpu needs 3 GPUs; {present}"
    assert why(shares=(1.0, 1.0, 1.0)) == f"--gpu-shares needs 3 GPUs; {present}"
    Hardware(gpu=1, split="none").check()
    Hardware(gpu_layers=20, shares=(3.0, 1.0), split="row").check()


def test_quantised_cache_without_flash_attention_is_refused() -> None:
    assert "A cache in q8_0 needs flash attention" in why(cache_type="q8_0", flash_attention="off")
    Hardware(cache_type="f32", flash_attention="off").check()
    USUAL.check()


@pytest.mark.usefixtures("two_gpus")
def test_words_name_what_decodes() -> None:
    assert str(USUAL) == "NVIDIA L4, NVIDIA L40"
    assert str(Hardware(split="none", gpu=1)) == "NVIDIA L40"
    some = Hardware(threads=3, gpu_layers=20, cache_type="q8_0", flash_attention="on")
    assert (
        str(some) == "NVIDIA L4, NVIDIA L40, 20 layers, 3 threads, flash attention on, cache q8_0"
    )
    assert str(Hardware(threads=3, gpu_layers=0)) == "CPU, 3 threads"


def test_words_of_a_machine_without_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "devices", lambda: [(CPU, "EPYC")])
    assert str(USUAL) == "CPU, 1 thread"  # see conftest


def test_llama_cpp_names_this_processor() -> None:
    kinds = [kind for kind, name in library.devices() if name]
    assert CPU in kinds


def test_llama_cpp_is_told() -> None:
    asked = Hardware(gpu_layers=7, split="row", gpu=1, shares=(3.0, 1.0))
    params = llama_cpp.llama_model_default_params()
    kept = asked.load_with(params)
    assert (params.n_gpu_layers, params.main_gpu) == (7, 1)
    assert params.split_mode == llama_cpp.LLAMA_SPLIT_MODE_ROW
    assert kept is not None
    assert list(params.tensor_split[:3]) == [3.0, 1.0, 0.0]


@pytest.mark.parametrize("cache_type", CACHE_TYPES)
def test_cache_of_each_type_answers(weights: Path, cache_type: str) -> None:
    engine = Engine(weights, slots=1, context=256, hardware=Hardware(cache_type=cache_type))
    try:
        job = Job(({"role": "user", "content": "Say hello."},), Sampling(temperature=0.0), 8)
        generation = engine.submit(job)
        while generation.read(timeout=10.0) is not None:
            pass
        assert generation.outcome is not None
        assert (generation.outcome.error, generation.outcome.completion_tokens > 1) == ("", True)
    finally:
        engine.close()


def test_smaller_cache_is_estimated_smaller(weights: Path) -> None:
    found = inspect(weights)
    tokens = 2 * 512
    plain, small = (
        found.memory(slots=2, context=512, hardware=Hardware(cache_type=each))
        for each in ("f16", "q8_0")
    )
    assert plain - small == tokens * found.kv_bytes_per_token - int(
        tokens * found.kv_bytes_per_token * 34 / 64
    )
