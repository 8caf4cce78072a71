"""Whatever a stranger can send, made up by hypothesis: no traceback, bounded time and memory.

`make test` tries a few dozen inputs of each kind, always the same ones; `make fuzz` tries thousands
of new ones. What it finds becomes an `@example` beside the mend.
"""
