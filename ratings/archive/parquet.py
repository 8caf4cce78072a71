"""A board as a Parquet file: typed columns for notebooks and databases."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

# The columns of a board's file, and their types.
COLUMNS = {
    "model": "string", "slug": "string", "organisation": "string", "licence": "string",
    "access": "string", "stands_in_for": "string", "parameters": "int64", "score": "double",
    "lower": "double", "upper": "double", "rank_low": "int64", "rank_high": "int64",
    "votes": "int64", "win_rate": "double", "status": "string",
}  # fmt: skip


def written(rows: Sequence[Mapping[str, Any]], about: Mapping[str, str]) -> bytes:
    """The rows as `rating_data` gives them; `about` goes into the file's own metadata."""
    arrow: Any = import_module("pyarrow")  # takes a third of a second: only when needed
    parquet: Any = import_module("pyarrow.parquet")
    fields = [arrow.field(name, arrow.type_for_alias(kind)) for name, kind in COLUMNS.items()]
    target = io.BytesIO()
    schema = arrow.schema(fields, metadata=dict(about))
    parquet.write_table(arrow.Table.from_pylist([dict(row) for row in rows], schema), target)
    return target.getvalue()
