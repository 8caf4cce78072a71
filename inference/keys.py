"""Which environment variables of a model worker hold API keys.

A contestant names such a variable, and its value goes to the address that the contestant also
names: so nothing else of the environment may be named, least of all a database's URL.
"""

from __future__ import annotations

import os
import re

from .engine import EngineError
from .requests import Endpoint

# Those at the end are what the hosts' own clients read, though they are not called so.
NAME = r"^(?:[A-Z][A-Z0-9_]*_API_KEY|AWS_BEARER_TOKEN_BEDROCK|HF_TOKEN)\Z"


def is_name(variable: str) -> bool:
    return re.search(NAME, variable) is not None


def held() -> list[str]:
    """The variables of this process that hold a key."""
    return [name for name, value in os.environ.items() if value and is_name(name)]


def key_of(endpoint: Endpoint) -> str:
    """The API key, from this worker's environment; "none" for a server that wants none.

    Raises EngineError, permanent, if the variable is not set, or is not one for keys.
    """
    variable = endpoint.key_variable
    if not variable:
        return "none"
    if not is_name(variable):
        raise EngineError(f"{variable} is no name for a variable with a key.", permanent=True)
    if key := os.environ.get(variable):
        return key
    raise EngineError(
        f"The environment variable {variable} is not set on this model worker.", permanent=True
    )


def scrub(sentence: str, endpoint: Endpoint) -> str:
    """Without the key, should an API have quoted it."""
    key = os.environ.get(endpoint.key_variable, "")
    return sentence.replace(key, "[key]") if key else sentence
