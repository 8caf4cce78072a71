"""One llama.cpp sampler chain per answer, and the few tokens worth passing to it."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterable

import llama_cpp
import numpy as np

from ..contract.sampling import Sampling
from .context import Context
from .penalties import Penalties

NEVER_DRAWN = 1e-9  # times the likeliest token's probability; tokens below are ignored
HEAD = 8.0  # how far below the highest logit the search for a nucleus begins

_TOKEN = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])  # llama_token_data


class Candidates:
    """The tokens that can be drawn, in llama.cpp's format. These are some hundreds of a vocabulary
    of 50,000 or more. Weighing all of them for every token, as llama.cpp would, takes up to a tenth
    of the time, and sorting them, as it does for top_p, takes longer than decoding."""

    def __init__(self, vocabulary_size: int) -> None:
        self.vocabulary_size = vocabulary_size
        self._rows = np.zeros(vocabulary_size, _TOKEN)
        self._native = llama_cpp.llama_token_data_array(
            data=ctypes.cast(self._rows.ctypes.data, llama_cpp.llama_token_data_p)
        )

    def draw(self, chain: object, tokens: np.ndarray, logits: np.ndarray) -> int:
        """The token that `chain` draws from `tokens`."""
        rows = self._rows[: len(tokens)]
        rows["id"], rows["logit"] = tokens, logits[tokens]
        native = self._native
        native.size, native.selected, native.sorted = len(tokens), -1, False
        llama_cpp.llama_sampler_apply(chain, ctypes.byref(native))
        return int(self._rows["id"][native.selected])


class SamplerChain:
    """Draws an answer's tokens: penalties, top_k, top_p, min_p, temperature, in llama.cpp's order.

    Frees native memory with `close`.
    """

    def __init__(self, sampling: Sampling, seed: int, candidates: Candidates) -> None:
        params = llama_cpp.llama_sampler_chain_default_params()
        params.no_perf = True
        self._chain = llama_cpp.llama_sampler_chain_init(params)
        self._candidates = candidates
        self._penalties = Penalties(sampling)
        self._span = _span(sampling)
        # After top_k few tokens are left, so llama.cpp's own top_p is fast.
        self._top_p = 1.0 if sampling.top_k or not sampling.temperature else sampling.top_p
        for step in _steps(sampling, seed):
            llama_cpp.llama_sampler_chain_add(self._chain, step)

    def accept(self, tokens: Iterable[int]) -> None:
        """Let the penalties know the prompt, as llama.cpp's server does."""
        self._penalties.accept(tokens)

    def draw(self, context: Context, row: int) -> int:
        """Draw a token from the logits after `row` of the batch decoded last."""
        logits = context.logits(row)
        with self._penalties.applied(logits):
            tokens = likely(logits, self._span)
            if self._top_p < 1.0:
                tokens = nucleus(logits, tokens, self._top_p)
            token = self._candidates.draw(self._chain, tokens, logits)
        self.accept((token,))
        return token

    def close(self) -> None:
        llama_cpp.llama_sampler_free(self._chain)


def likely(logits: np.ndarray, span: float) -> np.ndarray:
    """The tokens whose logit is at most `span` below the highest."""
    tokens = np.flatnonzero(logits >= logits.max() - span)
    return tokens if len(tokens) else np.arange(len(logits))  # only NaNs: a broken model


def nucleus(logits: np.ndarray, tokens: np.ndarray, top_p: float) -> np.ndarray:
    """The fewest of `tokens` that hold `top_p` of their probability, likeliest first."""
    gaps = logits.max() - logits[tokens].astype(np.float64)
    weights = np.exp(-gaps)
    enough = top_p * weights.sum()
    reach = HEAD
    while weights[gaps <= reach].sum() < enough:
        reach *= 2
    head = np.flatnonzero(gaps <= reach)
    head = head[np.argsort(gaps[head], kind="stable")]
    count = 1 + int(np.searchsorted(np.cumsum(weights[head]), enough))
    return tokens[head[:count]] if len(head) else tokens


def _span(sampling: Sampling) -> float:
    # Temperature is applied last and scales the gaps; top_p sums probabilities before that.
    stretched = 1.0 if sampling.top_p < 1.0 else 0.0
    return -math.log(NEVER_DRAWN) * max(sampling.temperature, stretched)


def _steps(sampling: Sampling, seed: int) -> list[llama_cpp.llama_sampler_p]:
    if sampling.temperature == 0.0:
        return [llama_cpp.llama_sampler_init_greedy()]
    steps = []
    if sampling.top_k > 0:
        steps.append(llama_cpp.llama_sampler_init_top_k(sampling.top_k))
        if sampling.top_p < 1.0:
            steps.append(llama_cpp.llama_sampler_init_top_p(sampling.top_p, 1))
    if sampling.min_p > 0.0:
        steps.append(llama_cpp.llama_sampler_init_min_p(sampling.min_p, 1))
    if sampling.temperature != 1.0:
        steps.append(llama_cpp.llama_sampler_init_temp(sampling.temperature))
    return [*steps, llama_cpp.llama_sampler_init_dist(seed)]
