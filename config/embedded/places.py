"""Where embedded servers keep their data and their sockets."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
import secrets
import stat
import tempfile
from pathlib import Path

from .errors import EmbeddedError

APP = "evenhand"


def fingerprint(var: Path) -> str:
    """A short name for one `var` folder, so that two checkouts never collide."""
    return hashlib.sha256(str(var.resolve()).encode()).hexdigest()[:10]


def socket_folder(var: Path) -> Path:
    """The folder of both Unix sockets.

    Not under `var`: a socket path is limited to about 104 bytes, and a checkout's may be longer.
    """
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    root = Path(runtime) if runtime and os.access(runtime, os.W_OK) else Path(tempfile.gettempdir())
    return root / f"{APP}-{os.getuid()}-{fingerprint(var)}"


def make_var(var: Path) -> None:
    """Create `var`. Raises EmbeddedError if nothing can be stored in it."""
    try:
        var.mkdir(parents=True, exist_ok=True)
        is_usable = os.access(var, os.W_OK | os.X_OK)
    except OSError:
        is_usable = False
    if not is_usable:
        raise EmbeddedError(
            f"{var} is not writable, but all data is stored there. Make it writable for this user, "
            "or set ARENA_VAR to a folder that is."
        )


def kept_secret(file: Path) -> str:
    """The secret in `file`, readable by its owner only; made on first use."""
    if not file.exists():
        make_var(file.parent)
        fresh = file.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(50))
        with contextlib.suppress(FileExistsError):
            os.link(fresh, file)  # atomic: if two processes race at the first start, one wins
        fresh.unlink()
    return file.read_text().strip()


def public_twin(var: Path) -> Path:
    """Where root's PostgreSQL keeps its data when its account may not enter `var`."""
    return Path("/var/lib") / f"{APP}-{fingerprint(var)}"


def make_private(folder: Path, owner: pwd.struct_passwd | None = None) -> Path:
    """Create `folder`, accessible to its owner only. Raises EmbeddedError if another user owns
    it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    uid = os.getuid() if owner is None else owner.pw_uid
    if owner is not None and folder.stat().st_uid != uid:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    if folder.is_symlink() or folder.stat().st_uid != uid:
        raise EmbeddedError(
            f"{folder} belongs to somebody else. Remove it, or set XDG_RUNTIME_DIR to a folder of "
            "yours, and try again."
        )
    folder.chmod(0o700)
    return folder


def unprivileged_account() -> pwd.struct_passwd | None:
    """The account for PostgreSQL if we are root, as it refuses to run as root; otherwise None."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise EmbeddedError(
        "PostgreSQL refuses to run as root, and this machine has neither a 'postgres' nor a "
        "'nobody' account to run it as. Run as an ordinary user, or set DATABASE_URL."
    )


def can_enter(folder: Path, account: pwd.struct_passwd) -> bool:
    """Whether `account` has search permission for `folder` and for every folder above it."""
    chain = [folder.resolve(), *folder.resolve().parents]
    return all(_passes(part.stat(), account) for part in chain if part.exists())


def _passes(status: os.stat_result, account: pwd.struct_passwd) -> bool:
    if status.st_uid == account.pw_uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == account.pw_gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)
