"""The state that llama.cpp keeps per process: its back-ends, its log, its version."""

from __future__ import annotations

import ctypes
import functools
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import llama_cpp
from llama_cpp import _ggml

GPUS = (1, 2)  # GGML_BACKEND_DEVICE_TYPE_GPU, and IGPU: one that shares the machine's memory

_LEVEL_ERROR = 4  # GGML_LOG_LEVEL_ERROR
_LEVEL_CONTINUES = 5  # GGML_LOG_LEVEL_CONT: continues the previous line

logger = logging.getLogger(__name__)


class _Log(threading.local):
    """Passes on errors and drops everything else (hundreds of lines for every file loaded).

    Thread-local: llama.cpp logs from the thread that called it, and the errors of one engine must
    not be attributed to another.
    """

    def __init__(self) -> None:
        self.listeners: list[list[str]] = []
        self._level = 0

    def receive(self, level: int, text: bytes, _: object) -> None:
        if level != _LEVEL_CONTINUES:
            self._level = level
        line = text.decode(errors="replace").strip()
        if self._level != _LEVEL_ERROR or not line:
            return
        for listener in self.listeners:
            listener.append(line)
        if not self.listeners:
            logger.error("%s", line)


_log = _Log()
_callback = llama_cpp.llama_log_callback(_log.receive)  # keep a reference: C holds only its address


@functools.cache
def start() -> None:
    """Silence llama.cpp and start its back-ends. Idempotent."""
    llama_cpp.llama_log_set(_callback, ctypes.c_void_p())
    llama_cpp.llama_backend_init()


@contextmanager
def heard_errors() -> Iterator[list[str]]:
    """Collect llama.cpp's error lines instead of logging them, to tell why a call failed."""
    lines: list[str] = []
    _log.listeners.append(lines)
    try:
        yield lines
    finally:
        _log.listeners.pop()  # calls nest, so it is the last


def devices() -> list[tuple[int, str]]:
    """The processors that the back-ends found: kind (see `GPUS`) and name."""
    ggml = _ggml.libggml
    ggml.ggml_backend_dev_count.restype = ctypes.c_size_t
    ggml.ggml_backend_dev_get.restype = ctypes.c_void_p
    ggml.ggml_backend_dev_description.restype = ctypes.c_char_p
    found = []
    for number in range(ggml.ggml_backend_dev_count()):
        device = ctypes.c_void_p(ggml.ggml_backend_dev_get(ctypes.c_size_t(number)))
        name = ggml.ggml_backend_dev_description(device).decode(errors="replace")
        found.append((ggml.ggml_backend_dev_type(device), name))
    return found


def version() -> str:
    """llama.cpp's own version, and that of the Python package, which is more exact."""
    name: bytes = llama_cpp.llama_version()
    return f"{name.decode()} (llama-cpp-python {llama_cpp.__version__})"
