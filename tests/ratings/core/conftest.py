from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest


@pytest.fixture(scope="session", autouse=True)
def one_blas_thread() -> Iterator[None]:
    """The matrices are small, and on a busy machine BLAS threads mostly wait for each other."""
    threadpoolctl: Any = import_module("threadpoolctl")
    with threadpoolctl.threadpool_limits(1):
        yield
