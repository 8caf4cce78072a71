"""What each category leads to: as staff last said, else the usual."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..models import ModerationPolicy
from ..models.moderation import Action
from .categories import CATEGORIES
from .rules import Finding

Actions = Mapping[str, Action]
HAPPENS = {  # while the checker fails
    Action.OFF: "prompts are sent, and nothing is recorded",
    Action.LOG: "prompts are sent, each with a flag",
    Action.WARN: "visitors are told, and may send their prompts all the same",
    Action.BLOCK: "no prompt can be sent",
}


def current() -> ModerationPolicy:
    """The newest one; unsaved, with nothing but what is usual, if there is none."""
    return ModerationPolicy.objects.first() or ModerationPolicy()


def actions(policy: ModerationPolicy) -> Actions:
    return {
        name: Action(policy.actions.get(name, category.usual))
        for name, category in CATEGORIES.items()
    }


def strongest(finds: Iterable[Finding], by: Actions) -> Action:
    return max((by[one.category] for one in finds), key=strength, default=Action.OFF)


def strength(action: Action) -> int:
    return action.strength
