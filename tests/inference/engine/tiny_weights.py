"""Tiny weights of any architecture: two layers of random numbers and a byte tokenizer, enough for
llama.cpp to build the same graph as for real weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gguf
import numpy as np

EMBEDDING, HEADS, KV_HEADS, INNER, LAYERS, CONTEXT, EXPERTS = 64, 4, 2, 128, 2, 512, 4
KV_WIDTH = EMBEDDING // HEADS * KV_HEADS
Shapes = dict[str, tuple[int, ...]]
Tensors = Callable[[int], Shapes]  # from the number of tokens

NORMAL, UNKNOWN, CONTROL, DEFINED, BYTE = 1, 2, 3, 4, 6  # kinds of tokens


def _linear(name: str, out: int, into: int, *, bias: bool = False) -> Shapes:
    shapes: Shapes = {f"{name}.weight": (out, into)}
    return shapes | {f"{name}.bias": (out,)} if bias else shapes


def _norm(name: str, *, bias: bool = False, width: int = EMBEDDING) -> Shapes:
    shapes: Shapes = {f"{name}.weight": (width,)}
    return shapes | {f"{name}.bias": (width,)} if bias else shapes


def _layers(shapes: Shapes) -> Shapes:
    return {f"blk.{n}.{name}": shape for n in range(LAYERS) for name, shape in shapes.items()}


def _ends(tokens: int, *, bias: bool = False, tied: bool = False) -> Shapes:
    shapes = _linear("token_embd", tokens, EMBEDDING) | _norm("output_norm", bias=bias)
    return shapes if tied else shapes | _linear("output", tokens, EMBEDDING)


def _attention(*, bias: bool = False) -> Shapes:
    return (
        _linear("attn_q", EMBEDDING, EMBEDDING, bias=bias)
        | _linear("attn_k", KV_WIDTH, EMBEDDING, bias=bias)
        | _linear("attn_v", KV_WIDTH, EMBEDDING, bias=bias)
        | _linear("attn_output", EMBEDDING, EMBEDDING)
    )


def _gated() -> Shapes:
    return (
        _linear("ffn_gate", INNER, EMBEDDING)
        | _linear("ffn_up", INNER, EMBEDDING)
        | _linear("ffn_down", EMBEDDING, INNER)
    )


def _llama(tokens: int, *, bias: bool = False) -> Shapes:
    layer = _norm("attn_norm") | _attention(bias=bias) | _norm("ffn_norm") | _gated()
    return _ends(tokens) | _layers(layer)


def _mixture(tokens: int) -> Shapes:
    experts: Shapes = {
        "ffn_gate_inp.weight": (EXPERTS, EMBEDDING),
        "ffn_gate_exps.weight": (EXPERTS, INNER, EMBEDDING),
        "ffn_up_exps.weight": (EXPERTS, INNER, EMBEDDING),
        "ffn_down_exps.weight": (EXPERTS, EMBEDDING, INNER),
    }
    layer = _norm("attn_norm") | _attention() | _norm("ffn_norm") | experts
    return _ends(tokens) | _layers(layer)


def _gemma(tokens: int) -> Shapes:
    head = EMBEDDING // HEADS
    norms = _norm("attn_norm") | _norm("post_attention_norm") | _norm("ffn_norm")
    norms |= _norm("post_ffw_norm")
    norms |= _norm("attn_q_norm", width=head) | _norm("attn_k_norm", width=head)
    return _ends(tokens, tied=True) | _layers(norms | _attention() | _gated())


def _fused(width: int, *, bias: bool) -> Shapes:
    """Attention with one tensor for queries, keys and values; a plain inner layer."""
    return (
        _norm("attn_norm", bias=bias)
        | _linear("attn_qkv", width, EMBEDDING, bias=bias)
        | _linear("attn_output", EMBEDDING, EMBEDDING, bias=bias)
        | _linear("ffn_up", 4 * EMBEDDING, EMBEDDING, bias=bias)
        | _linear("ffn_down", EMBEDDING, 4 * EMBEDDING, bias=bias)
    )


def _gpt2(tokens: int) -> Shapes:
    layer = _fused(3 * EMBEDDING, bias=True) | _norm("ffn_norm", bias=True)
    return _ends(tokens, bias=True) | _linear("position_embd", CONTEXT, EMBEDDING) | _layers(layer)


def _gptneox(tokens: int) -> Shapes:
    layer = _fused(3 * EMBEDDING, bias=True) | _norm("ffn_norm", bias=True)
    return _ends(tokens, bias=True) | _layers(layer)


def _bloom(tokens: int) -> Shapes:
    layer = _fused(3 * EMBEDDING, bias=True) | _norm("ffn_norm", bias=True)
    ends = _ends(tokens, bias=True, tied=True) | _norm("token_embd_norm", bias=True)
    return ends | _layers(layer)


def _falcon(tokens: int) -> Shapes:
    layer = _fused(EMBEDDING + 2 * (EMBEDDING // HEADS), bias=False)
    return _ends(tokens, bias=True) | _layers(layer | _norm("attn_norm", bias=True))


def _mpt(tokens: int) -> Shapes:
    layer = _fused(3 * EMBEDDING, bias=False) | _norm("ffn_norm")
    return _ends(tokens, tied=True) | _layers(layer)


def _phi2(tokens: int) -> Shapes:
    output = _linear("output", tokens, EMBEDDING, bias=True)
    return _ends(tokens, bias=True) | output | _layers(_fused(3 * EMBEDDING, bias=True))


@dataclass(frozen=True)
class Architecture:
    name: str  # as llama.cpp calls it
    tensors: Tensors
    metadata: dict[str, Any] = field(default_factory=dict)
    sentencepiece: bool = False  # else byte-pair encoding


_RMS = {"attention.layer_norm_rms_epsilon": 1e-5, "attention.head_count_kv": KV_HEADS}
_LAYER_NORM = {"attention.layer_norm_epsilon": 1e-5}
_WIDE = _LAYER_NORM | {"feed_forward_length": 4 * EMBEDDING}

LLAMA = Architecture("llama", _llama, _RMS, sentencepiece=True)
LLAMA_BYTES = Architecture("llama", _llama, _RMS)
MIXTURE = Architecture(
    "llama", _mixture, _RMS | {"expert_count": EXPERTS, "expert_used_count": 2}, sentencepiece=True
)
QWEN2 = Architecture("qwen2", lambda tokens: _llama(tokens, bias=True), _RMS)
GEMMA3 = Architecture(
    "gemma3",
    _gemma,
    _RMS
    | {
        "attention.key_length": EMBEDDING // HEADS,
        "attention.value_length": EMBEDDING // HEADS,
        "attention.sliding_window": 64,
    },
    sentencepiece=True,
)
GPT2 = Architecture("gpt2", _gpt2, _WIDE)
GPTNEOX = Architecture("gptneox", _gptneox, _WIDE | {"use_parallel_residual": True})
BLOOM = Architecture("bloom", _bloom, _WIDE)
FALCON = Architecture("falcon", _falcon, _WIDE | {"attention.head_count_kv": 1})
MPT = Architecture("mpt", _mpt, _WIDE | {"attention.max_alibi_bias": 8.0})
PHI2 = Architecture("phi2", _phi2, _WIDE)
GPTJ = Architecture("gptj", _gptneox, _WIDE)
OPT = Architecture("opt", _gpt2, _WIDE)
GPTNEO = Architecture("gptneo", _gpt2, _WIDE)


def write_tiny(
    file: Path,
    architecture: Architecture,
    metadata: dict[str, Any] | None = None,
    *,
    words: str = "gpt-2",
    parts: int = 1,
    chat_template: str = "",
    defined: tuple[str, ...] = (),
) -> None:
    """Write random weights of `architecture`; `metadata` overrides its own. `words` is llama.cpp's
    name for the pre-tokenizer of its vocabulary; with several `parts`, the file is one of them.
    `defined` tokens are declared as words, not as control tokens.
    """
    writer = gguf.GGUFWriter(file, architecture.name)
    tokens = _write_tokenizer(writer, words, defined, sentencepiece=architecture.sentencepiece)
    if chat_template:
        writer.add_chat_template(chat_template)
    if parts > 1:
        writer.add_uint16("split.count", parts)
    described = {
        "context_length": CONTEXT,
        "embedding_length": EMBEDDING,
        "block_count": LAYERS,
        "feed_forward_length": INNER,
        "attention.head_count": HEADS,
        "rope.dimension_count": EMBEDDING // HEADS,
    }
    for key, value in (described | architecture.metadata | (metadata or {})).items():
        _write_value(writer, f"{architecture.name}.{key}", value)
    chance = np.random.default_rng(0)
    for name, shape in architecture.tensors(tokens).items():
        spread = 0.05 if name == "token_embd.weight" else 0.3
        norm = "norm.weight" in name
        numbers = np.ones(shape) if norm else chance.normal(0.0, spread, shape)
        writer.add_tensor(name, numbers.astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _write_value(writer: gguf.GGUFWriter, key: str, value: Any) -> None:
    if isinstance(value, bool):
        writer.add_bool(key, value)
    elif isinstance(value, int):
        writer.add_uint32(key, value)
    else:
        writer.add_float32(key, value)


def _write_tokenizer(
    writer: gguf.GGUFWriter, words: str, defined: tuple[str, ...], *, sentencepiece: bool
) -> int:
    """Returns the number of tokens."""
    tokens, kinds = _sentencepiece_tokens() if sentencepiece else _byte_tokens()
    tokens += [text for text in defined if text not in tokens]
    kinds += [DEFINED] * (len(tokens) - len(kinds))
    kinds = [DEFINED if text in defined else k for text, k in zip(tokens, kinds, strict=True)]
    if sentencepiece:
        writer.add_tokenizer_model("llama")
        writer.add_token_scores([0.0] * len(tokens))
        writer.add_unk_token_id(0)
    else:
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre(words)
        writer.add_token_merges(["t h", "h e"])
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    return len(tokens)


def _sentencepiece_tokens() -> tuple[list[str], list[int]]:
    bytes_ = [f"<0x{byte:02X}>" for byte in range(256)]
    letters = ["▁", *(chr(code) for code in range(33, 127))]
    tokens = ["<unk>", "<s>", "</s>", *bytes_, *letters, "<start_of_turn>", "<end_of_turn>"]
    kinds = [UNKNOWN, CONTROL, CONTROL] + [BYTE] * 256 + [NORMAL] * len(letters) + [CONTROL] * 2
    return tokens, kinds


def _byte_tokens() -> tuple[list[str], list[int]]:
    # Byte-pair encoding writes each byte as a printable character: itself, or one from 256 on.
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [256 + n for n in range(256 - len(printable))]
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    letters = [*(chr(code) for code in (*printable, *others)), "th", "he"]
    return special + letters, [CONTROL] * 3 + [NORMAL] * len(letters)
