"""Renders an answer's Markdown as safe HTML, block by block: complete, or while it streams.

Both use the same code, so a streamed answer ends with exactly the HTML of `blocks`: each line is
read once, in order, and no line changes anything above the block that is still open. The time is
linear in the length of the text, whatever a model writes.
"""

from .growing import Change, Growing, blocks

__all__ = ["Change", "Growing", "blocks"]
