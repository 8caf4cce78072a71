"""Results as pandas DataFrames. pandas is optional, and loaded only where one is asked for."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from ratings.core.data.arrays import AnyArray
from ratings.core.data.errors import RatingsError


def frame(columns: Mapping[str, Any], index: Sequence[Any] | None = None) -> Any:
    """A `pandas.DataFrame` of columns.

    Raises:
        ImportError: pandas is not installed.
    """
    try:
        pandas: Any = import_module("pandas")
    except ImportError as error:
        message = "to_frame() needs pandas: pip install 'evenhand-ratings[pandas]'."
        raise ImportError(message) from error
    return pandas.DataFrame(dict(columns), index=index)


def named(codes: AnyArray, names: Sequence[str] | None) -> Sequence[Any]:
    """Names for the indices of models, None for -1; the indices themselves without names.

    Raises:
        RatingsError: there are not enough names.
    """
    if names is None:
        return list(codes)
    if len(codes) and codes.max() >= len(names):
        raise RatingsError(f"{len(names)} names, but model {codes.max()}: each model needs one.")
    return [names[code] if code >= 0 else None for code in codes]
