"""Quantises weights: the same model with fewer bits per number. Joins weights in several parts."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
import tempfile
from pathlib import Path

import llama_cpp

from ..contract.errors import EngineError
from . import library
from .model import check_file

COPY = "COPY"  # every number as it is: joins the parts, of which the first is given
_PREFIX = "LLAMA_FTYPE_MOSTLY_"
_KINDS: dict[str, int] = {
    name.removeprefix(_PREFIX): getattr(llama_cpp, name)
    for name in dir(llama_cpp)
    if name.startswith(_PREFIX)
}


def quantise(source: Path, target: Path, kind: str) -> None:
    """Write the weights of `source` to `target` as `kind`, such as "Q3_K_M" or "Q8_0", or COPY.

    `source` may be quantised already, which adds a small loss. Uses all cores for seconds to hours,
    depending on size. `target` is replaced atomically. Raises EngineError, leaving no files.
    """
    params = _params(kind)
    check_file(source)
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".quantising-") as scratch:
            fresh = Path(scratch) / "weights.gguf"
            _convert(source, fresh, params, kind)
            os.replace(fresh, target)
    except OSError as error:
        raise EngineError(
            f"{target} cannot be written: {error.strerror}.", permanent=True
        ) from error


def _params(kind: str) -> llama_cpp.llama_model_quantize_params:
    library.start()
    params: llama_cpp.llama_model_quantize_params = llama_cpp.llama_model_quantize_default_params()
    if kind == COPY:
        params.only_copy = True
    else:
        params.ftype = _ftype(kind)
        params.allow_requantize = True
    return params


def _ftype(kind: str) -> int:
    if kind not in _KINDS:
        raise EngineError(
            f"llama.cpp knows no quantisation {kind!r}. It knows {', '.join(sorted(_KINDS))}.",
            permanent=True,
        )
    return _KINDS[kind]


def _convert(
    source: Path, fresh: Path, params: llama_cpp.llama_model_quantize_params, kind: str
) -> None:
    with library.heard_errors() as errors:
        code = llama_cpp.llama_model_quantize(
            os.fsencode(source), os.fsencode(fresh), ctypes.byref(params)
        )
    if code != 0:
        reason = errors[-1].rstrip(".!") if errors else "no reason given"
        free = shutil.disk_usage(fresh.parent).free
        raise EngineError(
            f"llama.cpp cannot make {kind} of {source.name}: {reason}. "
            f"The disk has {free / 1e6:,.0f} MB free.",
            permanent=True,
        )


if __name__ == "__main__":  # for processes that must not load llama.cpp: SOURCE TARGET KIND
    try:
        quantise(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
    except EngineError as error:
        sys.exit(str(error))
