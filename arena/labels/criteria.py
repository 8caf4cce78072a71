"""What voters of a campaign may be asked besides which answer is better. A criterion is one line
here; its leaderboard needs nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


@dataclass(frozen=True)
class Criterion:
    """`key` names it in campaigns, slices and files, `name` on boards, `question` to voters."""

    key: str
    name: StrPromise
    question: StrPromise


CRITERIA = {
    criterion.key: criterion
    for criterion in (
        Criterion("accurate", _("Accuracy"), _("Which answer is more accurate?")),
        Criterion("coherent", _("Coherence"), _("Which answer is more coherent?")),
        Criterion("complete", _("Completeness"), _("Which answer is more complete?")),
        Criterion(
            "follows-instructions",
            _("Following instructions"),
            _("Which answer follows the instructions better?"),
        ),
        Criterion("clear", _("Clarity"), _("Which answer is clearer?")),
        Criterion("creative", _("Creativity"), _("Which answer is more creative?")),
        Criterion("useful", _("Usefulness"), _("Which answer is more useful?")),
        Criterion("safe", _("Safety"), _("Which answer is safer?")),
    )
}
