"""Blocks of votes as the text that PostgreSQL's COPY reads, a column at a time: a loop over a
million rows in Python would cost more than everything else together."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat

from .contestants import Contestants
from .votes import Block

NULL = "\\N"
TEXTS = ("key", "voter", "item", "language")
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def table_columns(block: Block) -> list[str]:
    """The columns of the table that `block` fills; the others keep their defaults."""
    given = [name for name in (*TEXTS, "at") if name in block.columns]
    return ["source_id", "contestant_a_id", "contestant_b_id", "verdict", *given]


def copy_text(block: Block, source: int, contestants: Contestants) -> str:
    """Rows for COPY. What it would misread is looked for once, in the whole of a block."""
    texts = [block.columns[name] for name in TEXTS if name in block.columns]
    text = rows_of(block, source, contestants, texts)
    tabs = len(block) * (len(table_columns(block)) - 1)
    is_plain = text.count("\n") == len(block) and text.count("\t") == tabs
    if is_plain and "\\" not in text and "\r" not in text:
        return text
    escaped = [[value.translate(ESCAPES) for value in column] for column in texts]
    return rows_of(block, source, contestants, escaped)


def rows_of(
    block: Block, source: int, contestants: Contestants, texts: Sequence[Sequence[str]]
) -> str:
    pks = contestants.__getitem__
    models = (map(pks, block.columns["model_a"]), map(pks, block.columns["model_b"]))
    times = [times_or_null(block.columns["at"])] if "at" in block.columns else []
    columns = (repeat(str(source), len(block)), *models, block.columns["verdict"], *texts, *times)
    return "\n".join(map("\t".join, zip(*columns, strict=True))) + "\n"


def times_or_null(times: Sequence[str]) -> Sequence[str]:
    return [time or NULL for time in times] if "" in times else times
