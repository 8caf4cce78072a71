"""The samples of deploy/ at work: the site behind nginx and behind Caddy."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Browser, expect

from tests.programs import program

from .beside import WEB, running
from .site import ROOT, Site, free_port
from .test_browser import begin, wait_until_complete

DEPLOY = ROOT / "deploy"


class Ports(NamedTuple):
    web: int
    http: int
    https: int


def certificate(folder: Path) -> Path:
    """For localhost, with its key in the same file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "localhost.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return file


def nginx(folder: Path, ports: Ports) -> list[str]:
    """The sample in a configuration that needs no other account, with shorter patience."""
    sample = (DEPLOY / "nginx.conf").read_text()
    sample = re.sub(r".*listen \[::\].*\n", "", sample)
    sample = sample.replace("listen 80;", f"listen 127.0.0.1:{ports.http};")
    sample = sample.replace("listen 443 ", f"listen 127.0.0.1:{ports.https} ")
    sample = re.sub(r"/etc/ssl/\S+\.(crt|key);", f"{certificate(folder)};", sample)
    sample = sample.replace("127.0.0.1:8000", f"127.0.0.1:{ports.web}")
    sample = sample.replace("arena.example", "localhost").replace("timeout 15s", "timeout 1s")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    file = folder / "nginx.conf"
    file.write_text(
        f"pid {folder}/pid;\nerror_log stderr;\ndaemon off;\nmaster_process off;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{paths}{sample}}}\n"
    )
    return [program("nginx"), "-p", str(folder), "-c", str(file)]


def caddy(folder: Path, ports: Ports) -> list[str]:
    sample = (DEPLOY / "Caddyfile").read_text()
    options = f"{{\n\tadmin off\n\thttp_port {ports.http}\n\thttps_port {ports.https}\n"
    sample = sample.replace("\n{\n", f"\n{options}", 1)
    sample = sample.replace(
        "{$DOMAIN:arena.example} {", f"localhost {{\n\ttls {certificate(folder)} KEY"
    )
    sample = sample.replace("KEY", str(certificate(folder)))
    sample = sample.replace("127.0.0.1:8000", f"127.0.0.1:{ports.web}")
    file = folder / "Caddyfile"
    file.write_text(sample.replace("read_header 15s", "read_header 1s"))
    return [program("caddy"), "run", "--config", str(file), "--adapter", "caddyfile"]


PROXIES: dict[str, Callable[[Path, Ports], list[str]]] = {"nginx": nginx, "caddy": caddy}


@pytest.fixture(scope="module", params=PROXIES)
def address(
    request: pytest.FixtureRequest, site: Site, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Of the site behind a proxy, by https."""
    folder = tmp_path_factory.mktemp(request.param)
    folder.chmod(0o755)
    ports = Ports(free_port(), free_port(), free_port())
    url = f"https://localhost:{ports.https}"
    settings = {
        **site.environment, **site.servers, "HTTPS": "1",
        "TRUSTED_PROXIES": "1", "ALLOWED_HOSTS": "localhost", "SITE_URL": url,
        "CSRF_TRUSTED_ORIGINS": url,
    }  # fmt: skip
    home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    command = PROXIES[request.param](folder, ports)
    with (
        running([*WEB, str(ports.web)], settings, ports.web),
        running(command, home, ports.https),
    ):
        yield url


@pytest.mark.browser
def test_battle_behind_a_proxy(address: str, chromium: Browser) -> None:
    context = chromium.new_context(base_url=address, ignore_https_errors=True)
    page = context.new_page()
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    begin(page)
    wait_until_complete(page)
    assert sockets
    assert all(url.startswith(address.replace("https", "wss")) for url in sockets)
    page.get_by_role("button", name="Tie").click()
    expect(page.get_by_role("region", name="Your vote: Tie")).to_be_visible()
    assert {each["name"] for each in context.cookies()} == {"__Host-voter", "__Host-csrftoken"}
    context.close()


@pytest.mark.parametrize("path", ["/battles/", "/admin/"])
def test_what_is_too_large_is_refused(address: str, path: str) -> None:
    """By the proxy or, while it still sends (502), by the site, which takes less from strangers."""
    with httpx.Client(base_url=address, verify=False) as client:
        assert client.post(path, content=bytes(3 << 20)).status_code in (413, 502)


def test_slow_sender_is_closed(address: str) -> None:
    context = ssl._create_unverified_context()
    where = httpx.URL(address)
    with (
        socket.create_connection(("127.0.0.1", where.port or 443), timeout=60) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        secure.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")  # and no more
        said = secure.recv(1000)
        assert said == b"" or b" 408 " in said.partition(b"\r\n")[0]
