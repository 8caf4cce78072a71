"""What a file is by its first bytes: people confuse weights with what surrounds them."""

from __future__ import annotations

MAGIC = b"GGUF"
ENOUGH = 16  # bytes to tell
_KINDS = (
    (b"<", "a web page"),
    (b"version https", "a pointer of Git LFS, not the file it points to"),
    (b"PK\x03\x04", "a zip archive, such as PyTorch's weights"),
    (b"\x80", "a Python pickle, such as PyTorch's weights"),
    (b"lmgg", "a GGML file, the format before GGUF"),
    (b"tjgg", "a GGML file, the format before GGUF"),
)


def other_kind(beginning: bytes) -> str:
    """What it is instead of a GGUF file; "" if it is one."""
    if beginning.startswith(MAGIC):
        return ""
    if not beginning:
        return "an empty file"
    if beginning[8:9] == b"{":  # after the length of its header
        return "a safetensors file"
    start = beginning.lstrip()
    return next((kind for sign, kind in _KINDS if start.startswith(sign)), "another kind of file")
