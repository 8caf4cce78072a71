"""Metadata of weight files, and how damaged, foreign and hostile files are handled."""

from __future__ import annotations

import os
import random
import struct
import subprocess
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from inference.contract.errors import EngineError
from inference.engine import Engine
from inference.engine.inspection import inspect

from .asking import ask
from .tiny_weights import LLAMA, write_tiny


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    file = tmp_path_factory.mktemp("tiny") / "tiny.gguf"
    write_tiny(file, LLAMA)
    return file.read_bytes()


def test_inspection_tells_what_the_file_says(weights: Path) -> None:
    found = inspect(weights)
    assert found.architecture == "llama"
    assert found.name == "Smollm2 135M 8k Lc100K Mix1 Ep2"
    assert found.parameters == 134_515_008
    assert found.quantisation == "Q4_1"
    assert found.context == 8192
    assert found.licence == "apache-2.0"
    assert found.vocabulary == 49_152
    assert found.chat_template.startswith("{% for message in messages %}")
    assert found.bytes == weights.stat().st_size


def memory() -> int:
    ps = ["ps", "-o", "rss=", "-p", str(os.getpid())]
    return int(subprocess.run(ps, capture_output=True, check=True).stdout) * 1024


def memory_taken(weights: Path, slots: int, context: int) -> int:
    before = memory()
    engine = Engine(weights, slots=slots, context=context)
    ask(engine, "Name the capital of Japan.")
    taken = memory() - before
    engine.close()
    return taken


@pytest.mark.parametrize(("slots", "context"), [(1, 512), (4, 2048)])
def test_estimated_memory_is_what_an_engine_takes(weights: Path, slots: int, context: int) -> None:
    estimate = inspect(weights).memory(slots=slots, context=context)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh_process:
        taken = fresh_process.submit(memory_taken, weights, slots, context).result(timeout=60)
    assert 0.75 * estimate < taken < 1.2 * estimate


@pytest.mark.parametrize("size", [4, 8, 20, 30, 500, 5_000_000, 60_000_000])
def test_truncated_file_is_refused(weights: Path, tmp_path: Path, size: int) -> None:
    cut = tmp_path / "cut.gguf"
    with weights.open("rb") as whole:
        cut.write_bytes(whole.read(size))
    with pytest.raises(EngineError, match=r"cut.gguf is damaged.*ends before") as refusal:
        inspect(cut)
    assert refusal.value.permanent


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x80\x02}q\x00."], ids=str)
def test_file_of_another_kind_is_refused(tmp_path: Path, content: bytes) -> None:
    foreign = tmp_path / "model.bin"
    foreign.write_bytes(content)
    with pytest.raises(EngineError, match="not a GGUF file"):
        inspect(foreign)


HOSTILE = {
    "more entries than any model": (struct.pack("<QQ", 0, 2**62), "claims 4,611,"),
    "more tensors than any model": (struct.pack("<QQ", 2**40, 0), "claims 1,099,"),
    "a key longer than the file": (struct.pack("<QQQ", 0, 1, 2**63), "ends before"),
    "a text longer than the file": (
        struct.pack("<QQQ1sIQ", 0, 1, 1, b"k", 8, 2**40),
        "ends before",
    ),
    "a list longer than the file": (
        struct.pack("<QQQ1sIIQ", 0, 1, 1, b"k", 9, 4, 2**60),
        "ends before",
    ),
    "texts without end": (
        struct.pack("<QQQ1sIIQ", 0, 1, 1, b"k", 9, 8, 2**60) + bytes(100),
        "claims .* tokens",
    ),
    "lists of lists": (struct.pack("<QQQ1sIIQ", 0, 1, 1, b"k", 9, 9, 5), "GGUFValueType.ARRAY"),
    "no architecture": (struct.pack("<QQ", 0, 0), "names no architecture"),
}


@pytest.mark.parametrize(("content", "reason"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_file_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    hostile = tmp_path / "hostile.gguf"
    hostile.write_bytes(b"GGUF" + struct.pack("<I", 3) + content)
    with pytest.raises(EngineError, match=reason):
        inspect(hostile)


def test_part_of_a_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    part = tmp_path / "large-00001-of-00003.gguf"
    write_tiny(part, LLAMA, parts=3)
    with pytest.raises(EngineError, match=r"is one of 3 parts\. Join them"):
        inspect(part)


def test_any_damage_leads_to_a_sentence_or_to_an_inspection(tiny: bytes, tmp_path: Path) -> None:
    chance = random.Random(1)
    damaged = tmp_path / "damaged.gguf"
    refused = 0
    for _ in range(150):
        content = bytearray(tiny)
        for _ in range(chance.choice([1, 2, 4])):
            content[chance.randrange(4, 900)] = chance.randrange(256)
        damaged.write_bytes(content)
        try:
            inspect(damaged)
        except EngineError:
            refused += 1
    assert 20 < refused < 150
