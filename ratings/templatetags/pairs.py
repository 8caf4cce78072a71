"""`{% pair_of battle as pair %}`: what the board says of a battle's two models, after the vote; and
`{{ parameters|billions }}`, such as 7.3B."""

from __future__ import annotations

from django import template

from arena.models import Battle
from ratings.presentation.lines import in_billions
from ratings.presentation.on_board import OnBoard, on_board

register = template.Library()
register.filter("billions", in_billions)


@register.simple_tag
def pair_of(battle: Battle) -> OnBoard | None:
    return on_board(battle.campaign, battle.contestant_a, battle.contestant_b)
