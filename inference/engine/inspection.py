"""Reads the metadata of a GGUF file without loading it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGUFReader, GGUFValueType, LlamaFileType

from ..contract.errors import EngineError
from .hardware import USUAL, Hardware
from .model import check_file

MOST_ENTRIES = 100_000  # of metadata or tensors; the largest models have some thousands
MOST_TOKENS = 5_000_000  # in all lists of texts; the largest vocabularies have some 500,000
MOST_TEXT = 1_000_000  # bytes of one text, such as the chat template
WORKSPACE_TOKENS = 512  # the step size for which llama.cpp reserves memory
_KV_NUMBER_BYTES = 2  # the KV cache is half precision
_Parts = tuple[int, list[np.ndarray], list[int], list[GGUFValueType]]


@dataclass(frozen=True)
class Inspection:
    """The metadata of a GGUF file. Missing texts are "", missing numbers 0."""

    bytes: int
    architecture: str
    name: str
    parameters: int
    quantisation: str  # such as "Q4_K_M"
    context: int  # tokens it was trained for
    licence: str
    chat_template: str  # Jinja
    vocabulary: int  # tokens
    kv_bytes_per_token: int  # in f16
    workspace_bytes: int  # for one step, without the logits

    def memory(self, *, slots: int, context: int, hardware: Hardware = USUAL) -> int:
        """Estimated memory of an engine: weights, KV cache and workspace [bytes], of the machine
        and its GPUs together."""
        tokens = slots * min(context, self.context or context)
        cache = hardware.of_cache(tokens * self.kv_bytes_per_token)
        logits = 3 * 4 * slots * self.vocabulary  # computed, copied out, and for sampling
        return self.bytes + cache + logits + self.workspace_bytes


def inspect(weights: Path) -> Inspection:
    """Read the header of `weights`. Raises EngineError, permanent, if the file is not GGUF, is
    truncated or inconsistent. Takes well under a second, whatever is in the file."""
    check_file(weights)
    try:
        with np.errstate(all="raise"):  # sizes whose sum overflows are false
            return _inspection(weights, Header(weights))
    except (ArithmeticError, LookupError, TypeError, ValueError, OSError) as error:
        raise EngineError(
            f"{weights.name} is damaged, or not a GGUF file that can be read here: {error}. "
            "Download it again and compare its SHA-256.",
            permanent=True,
        ) from error


class Header(GGUFReader):
    """gguf's reader trusts the file and turns every token of the vocabulary into objects. This one
    checks all sizes against the end of the file, and counts the items of arrays instead of reading
    them."""

    _texts = 0

    def _get(self, offset: int, dtype: Any, count: int = 1, override_order: Any = None) -> Any:
        if offset + int(count) * np.dtype(dtype).itemsize > len(self.data):
            raise ValueError("it ends before its contents do")
        return super()._get(offset, dtype, count, override_order)

    def _build_fields(self, offs: int, count: int) -> int:
        return super()._build_fields(offs, _bounded(count))

    def _build_tensor_info(self, offs: int, count: int) -> Any:
        return super()._build_tensor_info(offs, _bounded(count))

    def _get_field_parts(self, orig_offs: int, raw_type: int) -> _Parts:
        if raw_type != GGUFValueType.ARRAY:
            return super()._get_field_parts(orig_offs, raw_type)
        kind = GGUFValueType(self._get(orig_offs, np.uint32)[0])
        length = self._get(orig_offs + 4, np.uint64)
        start = orig_offs + 12
        if kind == GGUFValueType.STRING:
            end, values = self._past_texts(start, int(length[0])), length
        else:
            values = self._get(start, self.gguf_scalar_to_np[kind], length[0])
            end = start + values.nbytes
        return end - orig_offs, [values], [0], [GGUFValueType.ARRAY, kind]

    def _past_texts(self, offset: int, count: int) -> int:
        self._texts += count
        if self._texts > MOST_TOKENS:
            raise ValueError(f"it claims {self._texts:,} tokens")
        data = self.data.data
        for _ in range(count):
            offset += 8 + int.from_bytes(data[offset : offset + 8], "little")
            if offset > len(data):
                raise ValueError("it ends before its contents do")
        return offset

    def text(self, key: str) -> str:
        field = self.get_field(key)
        if field is None or field.types != [GGUFValueType.STRING]:
            return ""
        if len(field.parts[-1]) > MOST_TEXT:
            raise ValueError(f"its {key} is {len(field.parts[-1]):,} bytes long")
        return field.parts[-1].tobytes().decode(errors="replace")

    def number(self, key: str, default: int = 0) -> int:
        """An integer; the maximum if each layer has its own."""
        field = self.get_field(key)
        if field is None or GGUFValueType.STRING in field.types:
            return default
        return int(field.parts[-1].max(initial=0))

    def count(self, key: str) -> int:
        field = self.get_field(key)
        return 0 if field is None else int(field.parts[-1][0])


def _bounded(count: int) -> int:
    if count > MOST_ENTRIES:
        raise ValueError(f"it claims {count:,} entries")
    return int(count)


def _inspection(weights: Path, header: Header) -> Inspection:
    if (parts := header.number("split.count")) > 1:
        raise EngineError(
            f"{weights.name} is one of {parts} parts. Join them with 'python -m "
            "inference.engine.quantise FIRST_PART WHOLE.gguf COPY', and keep only the whole here.",
            permanent=True,
        )
    _check_length(weights, header)
    architecture = header.text("general.architecture")
    if not architecture:
        raise ValueError("it names no architecture")
    vocabulary = header.count("tokenizer.ggml.tokens")
    return Inspection(
        bytes=weights.stat().st_size,
        architecture=architecture,
        name=header.text("general.name"),
        parameters=sum(int(tensor.n_elements) for tensor in header.tensors),
        quantisation=_quantisation(header),
        context=header.number(f"{architecture}.context_length"),
        licence=header.text("general.license"),
        chat_template=header.text("tokenizer.chat_template"),
        vocabulary=vocabulary,
        kv_bytes_per_token=_kv_bytes_per_token(header, architecture),
        workspace_bytes=_workspace_bytes(header, architecture),
    )


def _check_length(weights: Path, header: Header) -> None:
    """Check that the file is not too long; the reader has checked that it is not too short."""
    end = max((int(t.data_offset) + int(t.n_bytes) for t in header.tensors), default=0)
    more = weights.stat().st_size - end - int(header.alignment)
    if header.tensors and more > 0:
        raise ValueError(f"it is {more:,} bytes longer than its header says")


def _quantisation(header: Header) -> str:
    declared = header.number("general.file_type", -1)
    names = {kind.value: kind.name.removeprefix("MOSTLY_") for kind in LlamaFileType}
    if declared in names:
        return names[declared]
    numbers: Counter[str] = Counter()
    for tensor in header.tensors:
        numbers[tensor.tensor_type.name] += int(tensor.n_elements)
    return max(numbers, key=numbers.__getitem__, default="")


def _kv_bytes_per_token(header: Header, architecture: str) -> int:
    def number(key: str, default: int = 0) -> int:
        return header.number(f"{architecture}.{key}", default)

    heads = number("attention.head_count", 1) or 1
    kv_heads = number("attention.head_count_kv", heads)
    width = number("embedding_length") // heads
    key, value = number("attention.key_length", width), number("attention.value_length", width)
    return number("block_count") * kv_heads * (key + value) * _KV_NUMBER_BYTES


def _workspace_bytes(header: Header, architecture: str) -> int:
    # A formula fitted to measurements; llama.cpp reports it only once the memory is allocated.
    embedding = header.number(f"{architecture}.embedding_length")
    inner = header.number(f"{architecture}.feed_forward_length", 4 * embedding)
    return 4 * WORKSPACE_TOKENS * (8 * embedding + 3 * inner) + (16 << 20)
