"""The options of a model worker's command, each checked when it is read."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Mapping
from math import inf, nan
from typing import Any

from inference.engine import Hardware
from inference.engine.hardware import ALL, CACHE_TYPES, FLASH_ATTENTION, SPLITS


def add(parser: ArgumentParser, threads_of_site: str | None) -> None:
    parser.add_argument("--models", nargs="*", default=[], help="names of weights; default: all")
    parser.add_argument("--remote", action="store_true", help="also models behind an API")
    parser.add_argument("--ram-gb", type=gigabytes, help="most memory for models, GPUs' included")
    parser.add_argument("--slots", type=whole, default=8, help="answers of a model at a time")
    parser.add_argument(
        "--remote-slots", type=whole, default=16, help="answers of an API key at a time"
    )
    parser.add_argument("--context", type=whole, default=4096, help="tokens per answer")
    parser.add_argument(
        "--grace", type=seconds, metavar="SECONDS",
        help="when it is told to stop: for running answers to end, before they are handed to "
        "another worker; default: 6. Whatever supervises it has to wait longer.",
    )  # fmt: skip
    parser.add_argument(
        "--threads", type=threads, default=threads_of_site,
        help="decoding threads; default: one per core; fewer leave a core to the site",
    )  # fmt: skip
    add_hardware(parser)


def add_hardware(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--gpu-layers", type=layers, default=ALL, metavar="N",
        help="layers on GPUs, counted from the last; default: all, where there is a GPU; 0: none",
    )  # fmt: skip
    parser.add_argument(
        "--gpu-split", choices=SPLITS, default="layer",
        help="how several GPUs share a model; none: all of it on --gpu",
    )  # fmt: skip
    parser.add_argument("--gpu", type=number, default=0, help="number of that GPU, from 0")
    parser.add_argument(
        "--gpu-shares", type=shares, default=(), metavar="A,B,…",
        help="each GPU's part of a model, in proportion, such as 3,1; default: by free memory",
    )  # fmt: skip
    parser.add_argument(
        "--flash-attention", choices=FLASH_ATTENTION, default="auto",
        help="default: where llama.cpp has it for this hardware",
    )  # fmt: skip
    parser.add_argument(
        "--cache-type", choices=CACHE_TYPES, default="f16",
        help="numbers of the cache of keys and values; q8_0 takes half the memory",
    )  # fmt: skip


def hardware(given: Mapping[str, Any]) -> Hardware:
    """What these options say. Raises EngineError if this machine or build cannot do it."""
    found = Hardware(
        threads=given["threads"],
        gpu_layers=given["gpu_layers"],
        split=given["gpu_split"],
        gpu=given["gpu"],
        shares=given["gpu_shares"],
        flash_attention=given["flash_attention"],
        cache_type=given["cache_type"],
    )
    found.check()
    return found


def whole(text: str) -> int:
    """An integer of at least 1. Raises ArgumentTypeError."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text} is not a whole number of 1 or more")
    return int(text)


def number(text: str) -> int:
    """An integer of at least 0. Raises ArgumentTypeError."""
    if not text.isdecimal():
        raise ArgumentTypeError(f"{text} is not a whole number of 0 or more")
    return int(text)


def layers(text: str) -> int:
    """The same, or -1 as llama.cpp writes "all"."""
    return ALL if text == str(ALL) else number(text)


def threads(text: str) -> int:
    """As `whole`; the error also names the environment variable it may come from."""
    try:
        return whole(text)
    except ArgumentTypeError as error:
        raise ArgumentTypeError(f"{error} (MODEL_THREADS, if not given here)") from error


def shares(text: str) -> tuple[float, ...]:
    """Numbers between commas, none below 0. Raises ArgumentTypeError."""
    found = tuple(_number(part) for part in text.split(","))
    if not all(0 <= each < inf for each in found) or not any(found):
        raise ArgumentTypeError(f"{text} is not numbers with commas between, such as 3,1")
    return found


def gigabytes(text: str) -> float:
    """Raises ArgumentTypeError unless it is a number above 0."""
    if not 0 < (size := _number(text)) < inf:
        raise ArgumentTypeError(f"{text} is not a number of gigabytes above 0")
    return size


def seconds(text: str) -> float:
    """Raises ArgumentTypeError unless it is a number of seconds of at most an hour."""
    if not 0 <= (given := _number(text)) <= 3600:
        raise ArgumentTypeError(f"{text} is not a number of seconds from 0 to 3600")
    return given


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return nan
