"""The embedded default: a real PostgreSQL and a real Valkey out of PyPI wheels.

They are the same engines as in production. `DATABASE_URL` and `REDIS_URL` switch to your own
servers; there is no second code path behind them.
"""

from .errors import EmbeddedError
from .lifecycle import Servers

__all__ = ["EmbeddedError", "Servers"]
