"""A board as a Parquet file: typed columns for notebooks and databases."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from ..columns import BOARD


def written(rows: Sequence[Mapping[str, Any]], about: Mapping[str, str]) -> bytes:
    """The rows as `rating_data` gives them; `about` goes into the file's own metadata."""
    arrow: Any = import_module("pyarrow")  # takes a third of a second: only when needed
    parquet: Any = import_module("pyarrow.parquet")
    kinds = [(column.name, column.kind) for column in BOARD]
    fields = [arrow.field(name, arrow.type_for_alias(kind)) for name, kind in kinds]
    target = io.BytesIO()
    schema = arrow.schema(fields, metadata=dict(about))
    parquet.write_table(arrow.Table.from_pylist([dict(row) for row in rows], schema), target)
    return target.getvalue()
