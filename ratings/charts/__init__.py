"""Charts as SVG, drawn by templates from numbers computed here; `pictures` draws without them.

Positions are in per cent of the plot, so that a chart fits any width while its text keeps its size.
Every chart is a `Figure`: a finding, a measure, a drawing, and the table behind it.
"""

from .columns import Column, Columns
from .figure import Figure
from .heat_map import HeatMap
from .lines import History
from .scales import Dates, Linear, Log
from .scatter import Point, Scatter, frontier, unbeaten
from .steps import Stage, Steps
from .whiskers import Whisker, Whiskers

__all__ = [
    "Column",
    "Columns",
    "Dates",
    "Figure",
    "HeatMap",
    "History",
    "Linear",
    "Log",
    "Point",
    "Scatter",
    "Stage",
    "Steps",
    "Whisker",
    "Whiskers",
    "frontier",
    "unbeaten",
]
