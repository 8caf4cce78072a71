"""Tries out weights in a child process, where a crash or a hang does no harm.

llama.cpp checks much of a file, but aborts the process if it detects an inconsistency late.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import llama_cpp

from ..contract.errors import EngineError
from ..contract.sampling import Sampling
from .engine import Engine
from .generation import Generation
from .hardware import USUAL, Hardware
from .inspection import inspect
from .jobs import Job
from .wholeness import check_whole

PATIENCE_S = 120.0
TOKENS = 64  # of the answer
SLOWEST_DISK = 50e6  # bytes/s
SPARE_BYTES = 8 << 30  # of address space for the interpreter, its libraries and their threads
_REPOSITORY = Path(__file__).parents[2]
_CONTEXT = 4096  # tokens: some templates begin with a thousand
_PLAIN = "{% for message in messages %}{{ message.content }}\n{% endfor %}"
_CONVERSATION = (
    {"role": "user", "content": "Hello."},
    {"role": "assistant", "content": "Hello! What can I do for you?"},
    {"role": "user", "content": "Name three colours."},
)


@dataclass(frozen=True)
class Trial:
    """The result of a trial: the beginning of an answer, the loading time [s], and the speed.
    `template_error` says why the weights' own chat template fails, if it does."""

    text: str
    load_s: float
    tokens_per_second: float
    template_error: str = ""


def try_out(
    weights: Path,
    *,
    prompt_format: str = "",
    timeout_s: float | None = None,
    hardware: Hardware = USUAL,
) -> Trial:
    """Load `weights` in a child process and answer a short conversation there: with
    `prompt_format`, otherwise with their own chat template, otherwise in plain text.

    Raises EngineError, permanent, with the cause: a damaged file, a prompt format that fails, a
    crash, or a timeout after `timeout_s` (by default minutes, more for larger files).
    """
    inspection = inspect(weights)
    check_whole(weights)
    memory = inspection.memory(slots=1, context=_CONTEXT, hardware=hardware)
    timeout_s = timeout_s or PATIENCE_S + inspection.bytes / SLOWEST_DISK
    request = {
        "weights": str(weights),
        "prompt_format": prompt_format,
        "hardware": asdict(hardware),
        "memory": memory,
    }
    try:
        child = subprocess.run(
            [sys.executable, "-c", f"from {__name__} import main; main()"],
            input=json.dumps(request),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_s,
            env=os.environ | {"PYTHONPATH": str(_REPOSITORY), "GGML_NO_BACKTRACE": "1"},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _refusal(weights, f"gave no answer within {timeout_s:,.0f} seconds") from error
    return _verdict(weights, child)


def _verdict(weights: Path, child: subprocess.CompletedProcess[str]) -> Trial:
    if child.returncode < 0:
        crash = signal.Signals(-child.returncode).name
        said = _last_line(child.stderr)
        raise _refusal(weights, f"crashed llama.cpp ({crash}{': ' if said else ''}{said})")
    if child.returncode or not child.stdout.strip():
        raise _refusal(weights, f"failed: {_last_line(child.stderr)}")
    answer = json.loads(_last_line(child.stdout))
    if "error" in answer:
        raise EngineError(answer["error"], permanent=True)
    return Trial(**answer)


def _refusal(weights: Path, what: str) -> EngineError:
    return EngineError(f"Tested on its own, {weights.name} {what}. Do not use it.", permanent=True)


def _last_line(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def _answer(weights: Path, prompt_format: str, hardware: Hardware) -> Trial:
    began = time.monotonic()
    engine = Engine(weights, slots=1, context=_CONTEXT, hardware=hardware)
    load_s = time.monotonic() - began
    generation, template_error = _begin(engine, prompt_format)
    text = ""
    while (piece := generation.read(timeout=60.0)) is not None:
        text += piece
    engine.close()
    text = generation.thoughts + text
    if generation.outcome is None or (generation.outcome.error and not text):
        raise EngineError(f"{weights.name} loads, but cannot answer.", permanent=True)
    return Trial(text, load_s, generation.outcome.tokens_per_second, template_error)


def _begin(engine: Engine, prompt_format: str) -> tuple[Generation, str]:
    """Begin an answer. Returns also why the weights' own template fails; "" if it works."""
    sampling = Sampling(temperature=0.0)
    job = Job(
        _CONVERSATION,
        sampling,
        max_tokens=TOKENS,
        max_thought_tokens=TOKENS,
        prompt_format=prompt_format,
        deadline_s=1e6,
    )
    try:
        return engine.submit(job), ""
    except EngineError as error:
        if prompt_format:
            raise
        return engine.submit(replace(job, prompt_format=_PLAIN)), str(error)


def _limit(room: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # GPU drivers map far more addresses than there is memory; macOS has no such limit.
    if sys.platform == "linux" and not llama_cpp.llama_supports_gpu_offload():
        resource.setrlimit(resource.RLIMIT_AS, (room, room))


def main() -> None:
    """The child process: reads a request from stdin and writes its result to stdout."""
    request = json.load(sys.stdin)
    _limit(request["memory"] + SPARE_BYTES)
    try:
        hardware = Hardware(**request["hardware"])
        result = asdict(_answer(Path(request["weights"]), request["prompt_format"], hardware))
    except EngineError as error:
        result = {"error": str(error)}
    print(json.dumps(result))
