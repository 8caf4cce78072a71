"""An answer's Markdown as safe HTML, block by block: whole, or while it is written.

Both ways are one: what a growing answer shows at its end is what `blocks` makes of it, because
lines are read one after the other, each once, and no line changes what stands above the block that
is still open. Time is linear in the text, whatever a model writes.
"""

from .growing import Change, Growing, blocks

__all__ = ["Change", "Growing", "blocks"]
