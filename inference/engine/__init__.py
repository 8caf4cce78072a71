"""Text generation from GGUF files: many answers at once, one decoding thread.

Beside it, by their own names: `shelf` (several weights under a bound on memory), `inspection` and
`trial` (what is in a file, and whether it runs), `quantise`.
"""

from . import barriers as barriers  # first
from .engine import Engine
from .generation import Generation
from .hardware import Hardware
from .jobs import Job, Outcome, State
from .library import version

__all__ = [
    "Engine",
    "Generation",
    "Hardware",
    "Job",
    "Outcome",
    "State",
    "version",
]
