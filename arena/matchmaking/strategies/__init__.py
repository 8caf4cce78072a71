"""What a campaign may draw its pairs by. A new strategy is a module here and a line below."""

from . import active, uniform
from .strategy import Facts, Strategy, Weights

STRATEGIES = {each.name: each for each in (active.ACTIVE, uniform.UNIFORM)}

__all__ = ["STRATEGIES", "Facts", "Strategy", "Weights"]
