"""The default servers: a real PostgreSQL and a real Valkey from PyPI wheels.

They are the same engines as in production. `DATABASE_URL` and `REDIS_URL` switch to your own
servers, with no other change in the code.
"""

from .errors import EmbeddedError
from .lifecycle import Servers

__all__ = ["EmbeddedError", "Servers"]
