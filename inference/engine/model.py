"""A loaded GGUF file."""

from __future__ import annotations

import os
import stat
from functools import lru_cache
from pathlib import Path

import llama_cpp

from ..contract.errors import EngineError
from ..contract.weights import sha256_of
from . import library
from .hardware import USUAL, Hardware
from .reader import Reader

_MAGIC = b"GGUF"


class Model(Reader):
    """Weights and vocabulary. Frees native memory with `close`. Raises EngineError if unusable."""

    def __init__(self, weights: Path, hardware: Hardware = USUAL) -> None:
        library.start()
        check_file(weights)
        self.weights = weights
        self.native = load(weights, hardware)
        try:
            _check_generates(self.native, weights)
        except EngineError:
            self.close()
            raise
        super().__init__(self.native)
        self.trained_context: int = llama_cpp.llama_model_n_ctx_train(self.native)  # [tokens]
        self.sha256 = _sha256(weights, weights.stat().st_mtime_ns)
        self.bytes: int = llama_cpp.llama_model_size(self.native)
        self.parameters: int = llama_cpp.llama_model_n_params(self.native)

    def close(self) -> None:
        llama_cpp.llama_model_free(self.native)


def check_file(weights: Path) -> None:
    """Raises EngineError, permanent, unless it is a file that begins like a GGUF file."""
    try:
        if not stat.S_ISREG(weights.stat().st_mode):
            raise EngineError(
                f"{weights.name} is a folder, a pipe or a device, not a file. Remove it from the "
                "weights folder.",
                permanent=True,
            )
        with weights.open("rb") as file:
            magic = file.read(len(_MAGIC))
    except OSError as error:
        raise EngineError(f"{weights} cannot be read: {error.strerror}.", permanent=True) from error
    if magic != _MAGIC:
        raise EngineError(
            f"{weights.name} is not a GGUF file: it begins with {magic!r}, not {_MAGIC!r}.",
            permanent=True,
        )


@lru_cache(maxsize=256)
def _sha256(weights: Path, _: int) -> str:
    return sha256_of(weights)


def load(
    weights: Path, hardware: Hardware = USUAL, *, vocab_only: bool = False
) -> llama_cpp.llama_model_p:
    """Load the native model, or only its vocabulary. Raises EngineError, permanent."""
    params = llama_cpp.llama_model_default_params()
    params.vocab_only = vocab_only
    kept = hardware.load_with(params)
    with library.heard_errors() as errors:
        model: llama_cpp.llama_model_p | None = llama_cpp.llama_model_load_from_file(
            os.fsencode(weights), params
        )
    del kept
    if model is None:
        reason = errors[0] if errors else "no reason given"
        raise EngineError(f"llama.cpp cannot load {weights.name}: {reason}.", permanent=True)
    return model


def _check_generates(model: llama_cpp.llama_model_p, weights: Path) -> None:
    lacks_decoder = not llama_cpp.llama_model_has_decoder(model)
    if lacks_decoder or llama_cpp.llama_model_has_encoder(model):
        kind = "an embedding model" if lacks_decoder else "an encoder-decoder model"
        raise EngineError(f"{weights.name} is {kind}; it cannot chat here.", permanent=True)
    if not llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(model)):
        raise EngineError(f"{weights.name} has no vocabulary; it cannot chat.", permanent=True)
    if llama_cpp.llama_model_is_diffusion(model):
        raise EngineError(f"{weights.name} is a diffusion model; it cannot run.", permanent=True)
