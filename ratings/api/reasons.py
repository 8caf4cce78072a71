"""What voters say of models, as the API gives it."""

from __future__ import annotations

from typing import Any

from ..findings.reasons import Row


def reason_data(row: Row) -> dict[str, Any]:
    return {
        "model": row.name,
        "slug": row.contestant.slug,
        "reason": row.reason.key,
        "label": row.reason.label,
        "sign": row.reason.sign,
        "answers": row.found.answers,
        "share": row.share and row.share._asdict(),
        "of_all": row.found.of_all,
        "against_all": row.relation or None,
    }
