"""What answers to the prompts of a campaign are checked against.

A check can be corrected by entering the same prompt again, also after answers were checked: these
are checked anew.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import Code, Refused
from ..models import Campaign, CheckedAnswer, ExpectedAnswer, Prompt

SAME = ("kind", "expected", "tolerance")
AT_ONCE = 1_000


def enter(
    campaign: Campaign, prompts: Mapping[str, Prompt], expected: Mapping[str, ExpectedAnswer]
) -> int:
    """Store what is new or changed, by the keys of prompts; returns how many. Raises Refused."""
    keys = sorted(expected)
    return sum(
        _enter(campaign, prompts, {key: expected[key] for key in keys[i : i + AT_ONCE]})
        for i in range(0, len(keys), AT_ONCE)
    )


def _enter(
    campaign: Campaign, prompts: Mapping[str, Prompt], expected: Mapping[str, ExpectedAnswer]
) -> int:
    stored = campaign.prompts.filter(key__in=expected).select_related("expected")
    changed = []
    for prompt in stored:
        one, before = expected[prompt.key], getattr(prompt, "expected", None)
        if prompt.text != prompts[prompt.key].text:
            raise Refused(
                f"The prompt “{prompt.key}” is there with another text: its answers can't be "
                "checked against what this one expects. No prompts were added.",
                code=Code.BAD_PROMPTS,
                status=400,
            )
        if before is None or any(getattr(before, name) != getattr(one, name) for name in SAME):
            one.prompt = prompt
            changed.append(one)
    ExpectedAnswer.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["prompt"], update_fields=SAME
    )
    again = CheckedAnswer.objects.filter(answer__prompt__in=[one.prompt_id for one in changed])
    again.delete()
    return len(changed)
