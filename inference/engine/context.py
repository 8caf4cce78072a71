"""The native decoding context: KV cells for every sequence, and the batch that feeds them."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

import llama_cpp
import numpy as np

from ..contract.errors import EngineError
from . import library
from .hardware import Hardware
from .model import Model

BATCH_TOKENS = 512  # maximum per step


class Batch:
    """Tokens of several sequences for one decoding step."""

    def __init__(self, room: int) -> None:
        self._tokens = np.zeros(room, np.int32)
        self._positions = np.zeros(room, np.int32)
        self._sequences = np.zeros(room, np.int32)
        self._wanted = np.zeros(room, np.int8)
        self._one = np.ones(room, np.int32)  # every token belongs to one sequence
        self._pointers = self._sequences.ctypes.data + 4 * np.arange(room, dtype=np.uintp)
        self.native = llama_cpp.llama_batch(
            n_tokens=0,
            token=_pointer(self._tokens, ctypes.c_int32),
            pos=_pointer(self._positions, ctypes.c_int32),
            n_seq_id=_pointer(self._one, ctypes.c_int32),
            seq_id=_pointer(self._pointers, ctypes.POINTER(ctypes.c_int32)),
            logits=_pointer(self._wanted, ctypes.c_int8),
        )
        self.room = room
        self.size = 0

    def clear(self) -> None:
        self.size = 0

    def add(self, sequence: int, start: int, tokens: Sequence[int], *, sample: bool) -> int:
        """Append `tokens` of `sequence` from position `start` on; with `sample`, logits are
        computed after the last. Returns the row of the last token, to sample from."""
        end = self.size + len(tokens)
        rows = slice(self.size, end)
        self._tokens[rows] = tokens
        self._positions[rows] = np.arange(start, start + len(tokens))
        self._sequences[rows] = sequence
        self._wanted[rows] = 0
        self._wanted[end - 1] = sample
        self.size = end
        return end - 1


class Context:
    """KV cells for `slots` sequences of `context` tokens each. Frees them with `close`."""

    def __init__(self, model: Model, *, slots: int, context: int, hardware: Hardware) -> None:
        params = llama_cpp.llama_context_default_params()
        params.n_ctx = slots * context
        params.n_batch = params.n_ubatch = max(BATCH_TOKENS, slots)
        params.n_seq_max = params.n_outputs_max = slots
        hardware.decode_with(params)
        params.kv_unified = False  # each sequence has its own cells
        params.no_perf = True
        with library.heard_errors() as errors:
            native = llama_cpp.llama_init_from_model(model.native, params)
        if native is None:
            raise _no_room(model, slots, context, errors)
        self.native = native
        self.slots = slots
        self.tokens_per_slot = context
        self.batch = Batch(params.n_batch)
        self._logits = ctypes.c_float * model.vocabulary.size
        self._memory = llama_cpp.llama_get_memory(native)

    def decode(self) -> None:
        """Decode the batch. Raises EngineError; the cells' contents are then undefined."""
        self.batch.native.n_tokens = self.batch.size
        with library.heard_errors() as errors:
            code = llama_cpp.llama_decode(self.native, self.batch.native)
        if code != 0:
            reason = errors[-1] if errors else f"code {code}"
            raise EngineError(f"llama.cpp could not decode: {reason}.", permanent=False)

    def logits(self, row: int) -> np.ndarray:
        """The logits after `row` of the batch decoded last, in llama.cpp's memory: valid until the
        next `decode`."""
        first = llama_cpp.llama_get_logits_ith(self.native, row)
        values: np.ndarray = np.ctypeslib.as_array(
            self._logits.from_address(ctypes.addressof(first.contents))
        )
        return values

    def truncate(self, sequence: int, length: int) -> bool:
        """Drop the cells of `sequence` from position `length` on. False, with nothing dropped, if
        this kind of model (with a recurrent state) can only drop all of them."""
        return bool(llama_cpp.llama_memory_seq_rm(self._memory, sequence, length, -1))

    def clear(self) -> None:
        llama_cpp.llama_memory_clear(self._memory, False)

    def close(self) -> None:
        llama_cpp.llama_free(self.native)


def _pointer(array: np.ndarray, kind: type) -> object:
    return array.ctypes.data_as(ctypes.POINTER(kind))


def _no_room(model: Model, slots: int, context: int, errors: list[str]) -> EngineError:
    reason = errors[0] if errors else "no reason given"
    return EngineError(
        f"llama.cpp cannot make room for {slots} answers of {context:,} tokens with "
        f"{model.weights.name}: {reason}. Try fewer slots or a shorter context.",
        permanent=True,
    )
