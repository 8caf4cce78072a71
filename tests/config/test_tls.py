"""TLS to PostgreSQL and Valkey, on loopback with an authority of our own, as docs/operating.md has
it: both check the server's certificate and its name, and take no other."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
from celery import Celery
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.db import OperationalError
from django.db.backends.postgresql.base import DatabaseWrapper

from arena import broker
from config.endpoints import celery_broker, database
from inference.contract.broker import connect


@dataclass(frozen=True)
class Pair:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def write(self, folder: Path, name: str) -> tuple[Path, Path]:
        certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
        certificate.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        key.touch(mode=0o600)
        key.write_bytes(
            self.key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return certificate, key


def made(name: str, by: Pair | None = None) -> Pair:
    """A certificate for localhost, or an authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
        .add_extension(names, critical=False)
        .sign(by.key if by else key, hashes.SHA256())
    )
    return Pair(certificate, key)


@dataclass(frozen=True)
class Authorities:
    ours: Path
    other: Path
    certificate: Path
    key: Path


class Tunnel:
    """Takes TLS connections on a port and passes what they say to a server's Unix socket, as the
    embedded servers speak no TLS. What is tested is our side: what it checks, and says in clear."""

    def __init__(self, target: Path, certificate: Path, key: Path, *, asks_first: bool) -> None:
        self._target = str(target)
        self._asks_first = asks_first  # PostgreSQL's clients ask in clear whether there is TLS
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.in_clear: list[bytes] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client:
            if self._asks_first:
                self.in_clear.append(client.recv(8))
                client.sendall(b"S")
            try:
                inside = self._context.wrap_socket(client, server_side=True)
            except (ssl.SSLError, OSError):
                return  # the client did not like our certificate
            with inside, socket.socket(socket.AF_UNIX) as server:
                server.connect(self._target)
                back = threading.Thread(target=_pass_on, args=[server, inside], daemon=True)
                back.start()
                _pass_on(inside, server)


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while block := source.recv(65536):
            target.sendall(block)
        target.shutdown(socket.SHUT_RDWR)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder, ours = tmp_path_factory.mktemp("tls"), made("Ours")
    certificate, key = made("localhost", by=ours).write(folder, "server")
    other, _ = made("Another").write(folder, "other")
    return {
        "ours": ours.write(folder, "ours")[0], "other": other,
        "certificate": certificate, "key": key,
    }  # fmt: skip


@contextlib.contextmanager
def tunnel(target: Path, files: dict[str, Path], *, asks_first: bool) -> Iterator[Tunnel]:
    running = Tunnel(target, files["certificate"], files["key"], asks_first=asks_first)
    yield running
    running.close()


def test_valkey_is_spoken_to_over_tls_alone(certificates: dict[str, Path]) -> None:
    parts = urlsplit(settings.REDIS_URL)
    with tunnel(Path(parts.path), certificates, asks_first=False) as running:

        def address(authority: str, host: str = "localhost", more: str = "") -> str:
            file = certificates[authority]
            return (
                f"rediss://{parts.username}:{parts.password}@{host}:{running.port}/0"
                f"?ssl_ca_certs={file}{more}"
            )

        assert connect(address("ours")).ping()
        with Celery(broker=celery_broker(address("ours")), set_as_current=False) as queue:
            queue.send_task("a.task", queue="tls-test")
        assert broker.connection().llen("tls-test") == 1
        for wrong in (
            address("other"),  # signed by somebody we do not trust
            f"rediss://{parts.username}:{parts.password}@localhost:{running.port}/0",
            f"redis://{parts.username}:{parts.password}@localhost:{running.port}/0",
            address("ours", host="127.0.0.1"),  # another name than the certificate's
        ):
            with pytest.raises(redis.RedisError):
                connect(wrong).ping()
    broker.connection().delete("tls-test")


def reached(url: str) -> bool:
    """As the site connects, from DATABASE_URL."""
    wrapper = DatabaseWrapper({**defaults(), **database(url, pool_size=0)})
    try:
        with wrapper.cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone() == (1,))
    finally:
        wrapper.close()


def defaults() -> dict[str, Any]:
    return {"TIME_ZONE": None, "CONN_HEALTH_CHECKS": False, "ATOMIC_REQUESTS": False,
            "AUTOCOMMIT": True, "TEST": {}}  # fmt: skip


@pytest.mark.django_db
def test_postgresql_is_spoken_to_over_tls_alone(certificates: dict[str, Path]) -> None:
    ours = settings.DATABASES["default"]
    target = Path(ours["HOST"]) / f".s.PGSQL.{ours['PORT'] or 5432}"
    with tunnel(target, certificates, asks_first=True) as running:

        def address(authority: str, host: str = "localhost") -> str:
            return (
                f"postgresql://{ours['USER']}:{ours['PASSWORD']}@{host}:{running.port}"
                f"/{ours['NAME']}?sslmode=verify-full&gssencmode=disable"
                f"&sslrootcert={certificates[authority]}"
            )

        assert reached(address("ours"))
        assert {*running.in_clear} == {bytes.fromhex("0000000804d2162f")}  # "is there TLS?"
        for wrong in (address("other"), address("ours", host="127.0.0.1")):
            with pytest.raises(OperationalError, match="certificate"):
                reached(wrong)
