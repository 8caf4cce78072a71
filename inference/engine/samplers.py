"""One llama.cpp sampler chain per answer."""

from __future__ import annotations

import llama_cpp

from .context import Context
from .jobs import Sampling

PENALTY_WINDOW = 64  # tokens the penalties look back on, llama.cpp's default

# Tokens this many times less likely than the likeliest are left out before the draw. All together
# they would come once in 200,000 tokens or less; to weigh them would take a tenth of all time.
NEVER_DRAWN = 1e-10


class SamplerChain:
    """Draws an answer's tokens: penalties, top_k, top_p, min_p, temperature, in llama.cpp's order.

    Frees native memory with `close`.
    """

    def __init__(self, sampling: Sampling, seed: int, vocabulary_size: int) -> None:
        params = llama_cpp.llama_sampler_chain_default_params()
        params.no_perf = True
        self._chain = llama_cpp.llama_sampler_chain_init(params)
        for step in _steps(sampling, seed, vocabulary_size):
            llama_cpp.llama_sampler_chain_add(self._chain, step)

    def accept(self, tokens: list[int]) -> None:
        """Let the penalties know the end of the prompt, as llama.cpp's server does."""
        for token in tokens[-PENALTY_WINDOW:]:
            llama_cpp.llama_sampler_accept(self._chain, token)

    def draw(self, context: Context, row: int) -> int:
        """Draw a token from the logits after `row` of the batch decoded last."""
        token: int = llama_cpp.llama_sampler_sample(self._chain, context.native, row)
        return token

    def close(self) -> None:
        llama_cpp.llama_sampler_free(self._chain)


def _steps(sampling: Sampling, seed: int, vocabulary_size: int) -> list[llama_cpp.llama_sampler_p]:
    # A step that is switched off is left out: each walks the whole vocabulary for every token.
    steps = []
    repeat = sampling.repeat_penalty
    frequency, presence = sampling.frequency_penalty, sampling.presence_penalty
    if (repeat, frequency, presence) != (1.0, 0.0, 0.0):
        steps.append(
            llama_cpp.llama_sampler_init_penalties(
                vocabulary_size, PENALTY_WINDOW, repeat, frequency, presence
            )
        )
    if sampling.temperature == 0.0:
        return [*steps, llama_cpp.llama_sampler_init_greedy()]
    if sampling.top_k > 0:
        steps.append(llama_cpp.llama_sampler_init_top_k(sampling.top_k))
    else:
        never = NEVER_DRAWN**sampling.temperature  # the temperature is applied only later
        steps.append(llama_cpp.llama_sampler_init_min_p(never, 1))
    if sampling.top_p < 1.0:
        steps.append(llama_cpp.llama_sampler_init_top_p(sampling.top_p, 1))
    if sampling.min_p > 0.0:
        steps.append(llama_cpp.llama_sampler_init_min_p(sampling.min_p, 1))
    if sampling.temperature != 1.0:
        steps.append(llama_cpp.llama_sampler_init_temp(sampling.temperature))
    return [*steps, llama_cpp.llama_sampler_init_dist(seed)]
