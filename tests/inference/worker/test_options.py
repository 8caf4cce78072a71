"""The command of a model worker rejects invalid options, in one sentence."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def refused(tmp_path: Path, *options: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", "inference_worker", *options],
        cwd=ROOT,
        env={**os.environ, "WEIGHTS_DIR": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    return done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--slots", "0", "0 is not a whole number of 1 or more"),
        ("--slots", "-1", "-1 is not a whole number of 1 or more"),
        ("--context", "0", "0 is not a whole number of 1 or more"),
        ("--ram-gb", "-1", "-1 is not a number of gigabytes above 0"),
        ("--ram-gb", "nan", "nan is not a number of gigabytes above 0"),
        ("--gpu-layers", "-2", "-2 is not a whole number of 0 or more"),
        ("--gpu", "first", "first is not a whole number of 0 or more"),
        ("--gpu-shares", "3;1", "3;1 is not numbers with commas between, such as 3,1"),
        ("--gpu-shares", "0,0", "0,0 is not numbers with commas between, such as 3,1"),
        ("--gpu-shares", "nan,1", "nan,1 is not numbers with commas between, such as 3,1"),
    ],
)
def test_number_that_makes_no_sense_is_refused(
    tmp_path: Path, option: str, value: str, sentence: str
) -> None:
    assert refused(tmp_path, f"{option}={value}").endswith(f"argument {option}: {sentence}")


def test_what_this_machine_cannot_do_is_one_sentence(tmp_path: Path) -> None:
    told = refused(tmp_path, "--flash-attention", "off", "--cache-type", "q4_0")
    assert told.startswith("✗ A cache in q4_0 needs flash attention")
    assert re.search(r"GPUs; there are|omit --gpu\.$", refused(tmp_path, "--gpu=99"))


@pytest.mark.parametrize("value", ["many", "0", "-1", "1.5"])
def test_setting_that_makes_no_sense_is_refused_by_its_name(tmp_path: Path, value: str) -> None:
    sentence = f"{value} is not a whole number of 1 or more (MODEL_THREADS, if not given here)"
    assert refused(tmp_path, MODEL_THREADS=value).endswith(sentence)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("redis://:secret@127.0.0.1:1/0", "Connection refused."),
        ("http://nowhere", "Redis URL must specify one of the following schemes"),
    ],
)
def test_absent_broker_is_one_sentence_without_its_password(
    tmp_path: Path, url: str, sentence: str
) -> None:
    told = refused(tmp_path, REDIS_URL=url)
    assert told.startswith("✗ The broker cannot be reached: ")
    assert sentence in told
    assert told.endswith("REDIS_URL says where it is.")
    assert "secret" not in told
