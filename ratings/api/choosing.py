"""Which model to use, as the API says it."""

from __future__ import annotations

from typing import Any

from ..core.questions.compare import win_probability
from ..findings.choosing import Advice, Candidate
from .schemas import NAMED_BY


def candidate_data(one: Candidate, *, is_good: bool) -> dict[str, Any]:
    line = one.line
    return {
        "model": one.name,
        "slug": line.contestant.slug,
        "score": line.rating.score,
        "behind_at_most": one.most,
        "wins_at_least": one.share,
        "behind_best_of_board_at_most": one.most_of_board,
        "good_enough": is_good,
        "parameters": line.contestant.parameters,
        "response_s": line.response_s,
        "first_words_s": line.first_s,
        "output_price": line.price,
        "cost_per_1000_answers": line.cost and line.cost.estimate._asdict(),
        "wh_per_1000_tokens": line.energy and line.energy.wh._asdict(),
        "co2e_g_per_1000_tokens": line.energy and line.energy.co2e._asdict(),
    }


def advice_data(advice: Advice) -> dict[str, Any]:
    """All but the candidates."""
    picks = {pick.criterion.name: pick.candidate for pick in advice.picks}
    slugs = {name: one.line.contestant.slug for name, one in picks.items() if one}
    margin = float(advice.wishes.margin)
    return {
        "margin": margin,
        "margin_share": win_probability(advice.ratings, margin),
        **{name: slugs.get(name) for name in NAMED_BY},
        "not_considered": [{"why": each.why, "models": [*each.models]} for each in advice.left_out],
        "exact": advice.is_exact,
    }
