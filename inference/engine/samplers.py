"""One llama.cpp sampler chain per answer, and the few tokens worth showing to it."""

from __future__ import annotations

import ctypes
import math
from collections import deque
from collections.abc import Iterable

import llama_cpp
import numpy as np

from .context import Context
from .jobs import Sampling

PENALTY_WINDOW = 64  # tokens the penalties look back on, llama.cpp's default
NEVER_DRAWN = 1e-9  # of the likeliest token's probability; what is below is not weighed

_TOKEN = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])  # llama_token_data


class Candidates:
    """The tokens that can be drawn. Of a vocabulary of 50,000 and more some hundreds can: to weigh
    the others, as llama.cpp would for every token, takes up to a tenth of all time."""

    def __init__(self, vocabulary_size: int) -> None:
        self.vocabulary_size = vocabulary_size
        self._rows = np.zeros(vocabulary_size, _TOKEN)
        self._native = llama_cpp.llama_token_data_array(
            data=ctypes.cast(self._rows.ctypes.data, llama_cpp.llama_token_data_p)
        )

    def draw(self, chain: object, logits: np.ndarray, span: float, recent: list[int]) -> int:
        """What `chain` chooses among those whose logit is at most `span` below the highest.

        The penalties of a chain change the logits of `recent` tokens: these take part in any case,
        and do not count for the highest.
        """
        chosen = self._shortlist(logits, span, recent)
        rows = self._rows[: len(chosen)]
        rows["id"], rows["logit"] = chosen, logits[chosen]
        native = self._native
        native.size, native.selected, native.sorted = len(chosen), -1, False
        llama_cpp.llama_sampler_apply(chain, ctypes.byref(native))
        return int(self._rows["id"][native.selected])

    def _shortlist(self, logits: np.ndarray, span: float, recent: list[int]) -> np.ndarray:
        if not recent:
            chosen = np.flatnonzero(logits >= logits.max() - span)
        else:
            kept = logits[recent]
            logits[recent] = -np.inf
            others = np.flatnonzero(logits >= logits.max() - span)
            logits[recent] = kept
            chosen = np.union1d(others, recent)
        return chosen if len(chosen) else np.arange(len(logits))  # not-a-numbers: a broken model


class SamplerChain:
    """Draws an answer's tokens: penalties, top_k, top_p, min_p, temperature, in llama.cpp's order.

    Frees native memory with `close`.
    """

    def __init__(self, sampling: Sampling, seed: int, candidates: Candidates) -> None:
        params = llama_cpp.llama_sampler_chain_default_params()
        params.no_perf = True
        self._chain = llama_cpp.llama_sampler_chain_init(params)
        self._candidates = candidates
        self._span = _span(sampling)
        self._recent: deque[int] | None = None
        for step in _steps(sampling, seed, candidates.vocabulary_size):
            llama_cpp.llama_sampler_chain_add(self._chain, step)
        if _penalises(sampling):
            self._recent = deque(maxlen=PENALTY_WINDOW)

    def accept(self, tokens: Iterable[int]) -> None:
        """Let the penalties know the prompt, as llama.cpp's server does."""
        if self._recent is not None:
            for token in deque(tokens, maxlen=PENALTY_WINDOW):
                self._recent.append(token)
                llama_cpp.llama_sampler_accept(self._chain, token)

    def draw(self, context: Context, row: int) -> int:
        """Draw a token from the logits after `row` of the batch decoded last."""
        recent = sorted(set(self._recent or ()))
        token = self._candidates.draw(self._chain, context.logits(row), self._span, recent)
        self.accept((token,))
        return token

    def close(self) -> None:
        llama_cpp.llama_sampler_free(self._chain)


def _span(sampling: Sampling) -> float:
    # Temperature comes last and stretches the gaps; top_p adds up probabilities before it does.
    stretched = 1.0 if sampling.top_p < 1.0 else 0.0
    return -math.log(NEVER_DRAWN) * max(sampling.temperature, stretched)


def _penalises(sampling: Sampling) -> bool:
    frequency, presence = sampling.frequency_penalty, sampling.presence_penalty
    return (sampling.repeat_penalty, frequency, presence) != (1.0, 0.0, 0.0)


def _steps(sampling: Sampling, seed: int, vocabulary_size: int) -> list[llama_cpp.llama_sampler_p]:
    steps = []
    if _penalises(sampling):
        steps.append(
            llama_cpp.llama_sampler_init_penalties(
                vocabulary_size,
                PENALTY_WINDOW,
                sampling.repeat_penalty,
                sampling.frequency_penalty,
                sampling.presence_penalty,
            )
        )
    if sampling.temperature == 0.0:
        return [*steps, llama_cpp.llama_sampler_init_greedy()]
    if sampling.top_k > 0:
        steps.append(llama_cpp.llama_sampler_init_top_k(sampling.top_k))
    if sampling.top_p < 1.0:
        steps.append(llama_cpp.llama_sampler_init_top_p(sampling.top_p, 1))
    if sampling.min_p > 0.0:
        steps.append(llama_cpp.llama_sampler_init_min_p(sampling.min_p, 1))
    if sampling.temperature != 1.0:
        steps.append(llama_cpp.llama_sampler_init_temp(sampling.temperature))
    return [*steps, llama_cpp.llama_sampler_init_dist(seed)]
