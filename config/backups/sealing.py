"""Encrypted backups: files of age (https://age-encryption.org), by `pyrage`.

The arena needs only the public key, so whoever breaks into it cannot read earlier backups. The
program `age` can open them, too.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pyrage
from pyrage import x25519

from arena.errors import Code, Refused

MAGIC = b"age-encryption.org/"


def recipient(text: str) -> Any:
    """Raises Refused."""
    try:
        return x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError as error:
        raise Refused(
            f"{text.strip()!r} is no public key of age. It begins with “age1”; backup_key makes "
            "one.",
            code=Code.BAD_FILE,
        ) from error


def identities(path: Path) -> list[Any]:
    """From a file as `age-keygen` writes it. Raises Refused."""
    try:
        lines = path.read_text().splitlines()
        keys = [line for line in lines if line.strip() and not line.startswith("#")]
        found = [x25519.Identity.from_str(line.strip()) for line in keys]
    except (OSError, UnicodeDecodeError, pyrage.IdentityError) as error:
        raise Refused(f"{path} can't be read as a key of age.", code=Code.BAD_FILE) from error
    if not found:
        raise Refused(f"{path} has no key of age.", code=Code.BAD_FILE)
    return found


def new_identity() -> tuple[str, str]:
    """The public key, and the file that opens what is encrypted for it."""
    identity = x25519.Identity.generate()
    return str(identity.to_public()), f"# public key: {identity.to_public()}\n{identity}\n"


def is_sealed(file: BinaryIO) -> bool:
    file.seek(0)
    return file.read(len(MAGIC)) == MAGIC


def seal(chunks: Iterator[bytes], file: BinaryIO, recipient: Any) -> None:
    """Raises what `chunks` and `file` raise."""
    ends = _Ends(chunks, file)
    try:
        pyrage.encrypt_io(ends, ends, [recipient])
    except Exception as error:
        raise (ends.error or error) from error


@contextmanager
def opened(file: BinaryIO, name: str, keys: list[Any], folder: Path) -> Iterator[BinaryIO]:
    """What is in a sealed file, in a nameless file in `folder`: it is read more than once. Raises
    Refused and OSError."""
    file.seek(0)
    with tempfile.TemporaryFile(dir=folder) as plain:
        ends = _Ends(iter(lambda: file.read(1 << 18), b""), plain)
        try:
            pyrage.decrypt_io(ends, ends, keys)
        except Exception as error:
            raise (ends.error or _unopened(error, name)) from error
        plain.flush()
        yield plain


def _unopened(error: Exception, name: str) -> Refused:
    said = str(error).lower()
    is_key = "no matching" in said
    why = (
        f"{name} was encrypted for another key. Name the file with the right one."
        if is_key
        else f"{name} is damaged or cut off: it can't be decrypted. Use another backup."
    )
    return Refused(why, code=Code.BAD_FILE)


class _Ends:
    """Both ends of a pipe for pyrage, which hides the errors of either: they are kept here."""

    def __init__(self, chunks: Iterator[bytes], out: BinaryIO) -> None:
        self.error: BaseException | None = None
        self._chunks = chunks
        self._left = memoryview(b"")
        self._out = out

    def read(self, size: int = -1) -> bytes:
        try:
            while not self._left:
                self._left = memoryview(next(self._chunks))
        except StopIteration:
            return b""
        except BaseException as error:
            self.error = error
            raise
        taken, self._left = self._left[:size], self._left[size:]
        return bytes(taken)

    def write(self, content: bytes) -> int:
        try:
            return self._out.write(content)
        except OSError as error:
            self.error = error
            raise

    def flush(self) -> None:
        self._out.flush()
