from __future__ import annotations

import logging

from arena import counters


class Errors(logging.Handler):
    """Counts what is logged as an error, by the part of the site that logged it."""

    def emit(self, record: logging.LogRecord) -> None:
        counters.add("log_errors", logger=record.name.partition(".")[0])
