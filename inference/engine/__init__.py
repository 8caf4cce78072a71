"""Text generation from GGUF files: many answers at once, one thread per model."""

from .engine import Engine
from .errors import EngineError
from .generation import Generation
from .inspection import Inspection, inspect
from .jobs import FinishReason, Job, Outcome, Sampling, State
from .library import version
from .shelf import Shelf
from .trial import Trial, try_out

__all__ = [
    "Engine",
    "EngineError",
    "FinishReason",
    "Generation",
    "Inspection",
    "Job",
    "Outcome",
    "Sampling",
    "Shelf",
    "State",
    "Trial",
    "inspect",
    "try_out",
    "version",
]
