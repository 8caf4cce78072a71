"""Requests that are too slow, too large or from elsewhere, sent to the real server."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client, override_settings

from config import origins
from config.asgi import application
from config.bodies import bounded
from config.limits import REQUESTS
from config.web_life import Receive, Send
from tests.arena.everything_public import routes
from tests.bending import bend
from tests.each import each

from .serving import Server, everything, handshake

FORM = b"POST /about/consent/ HTTP/1.1\r\nHost: localhost\r\n"


async def echo(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Reads the whole body, and says how long it was."""
    length, more = 0, True
    while more:
        message = await receive()
        length, more = length + len(message["body"]), message["more_body"]
    headers = [(b"content-type", b"text/plain"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"%d bytes" % length})


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server(bounded(echo))
    yield running
    running.stop()


@pytest.mark.parametrize(
    "beginning", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "]
)
def test_head_that_does_not_arrive_closes_the_connection(
    server: Server, monkeypatch: pytest.MonkeyPatch, beginning: bytes
) -> None:
    bend(monkeypatch, REQUESTS, head_s=0.3)
    assert server.reply(beginning) == b""


def test_head_that_drips_closes_the_connection(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each byte comes in time, but not all of them."""
    bend(monkeypatch, REQUESTS, head_s=0.5)
    with server.connect() as client:
        client.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
        client.settimeout(0.05)
        while still_open(client):
            client.sendall(b"x")


def still_open(client: socket.socket) -> bool:
    """Whether nothing has come for a moment, not even the end."""
    try:
        return client.recv(1) != b""
    except TimeoutError:
        return True
    except ConnectionResetError:
        return False


def test_head_without_end_closes_the_connection(server: Server) -> None:
    endless = [b"GET / HTTP/1.1\r\nX-Long: ", *[b"x" * 10_000] * 20]
    assert server.reply(*endless) == b""


def test_second_request_of_a_connection_has_its_own_time(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    bend(monkeypatch, REQUESTS, head_s=2.0)
    whole = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc"
    assert b"3 bytes" in server.reply(whole)


def test_body_that_does_not_arrive_is_answered(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    bend(monkeypatch, REQUESTS, body_s=0.3)
    said = server.reply(FORM + b"Content-Length: 100\r\n\r\nonly this")
    assert said.startswith(b"HTTP/1.1 408 ")


def chunks(length: int) -> Iterator[bytes]:
    yield FORM + b"Transfer-Encoding: chunked\r\n\r\n"
    for _ in range(length // 50_000):
        yield b"%x\r\n%b\r\n" % (50_000, b"x" * 50_000)
    yield b"0\r\n\r\n"


def test_body_that_does_not_say_how_long_it_is_is_counted(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    bend(monkeypatch, REQUESTS, body_bytes=200_000)
    assert b"200000 bytes" in server.reply(*chunks(200_000))
    with server.connect() as client:
        try:
            for part in chunks(2_000_000):
                client.sendall(part)
        except OSError:
            pass  # it has answered already
        assert everything(client).startswith((b"HTTP/1.1 413 ", b""))


@pytest.fixture(scope="module")
def site() -> Iterator[Server]:
    """The arena itself."""
    running = Server(application)
    yield running
    running.stop()


@pytest.mark.django_db(transaction=True)
def test_no_route_takes_a_large_body_from_a_stranger(site: Server) -> None:
    addresses = sorted({f"/{example(route)}" for route in routes()} | {"/admin/", "/admin/login/"})
    assert len(addresses) > 60
    head = b"POST %b HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid=nobody\r\n"
    head += b"Content-Length: 3000000\r\n\r\n"
    faults = [
        address
        for address in addresses
        if not site.reply(head % address.encode()).startswith(b"HTTP/1.1 413 ")
    ]
    assert faults == []


def encoded_as(asked: str, kind: str, encoding: str) -> bytes:
    head = f"Host: localhost\r\nConnection: close\r\nContent-Type: {kind}; charset={encoding}"
    return f"{asked} HTTP/1.1\r\n{head}\r\nContent-Length: 8\r\n\r\nprompt=x".encode()


KINDS = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x")
OTHERS = ("utf8", "utf-7", "utf-16", "latin-1", "zlib", "idna", "rot13", "undefined", '"hex"')


@pytest.mark.django_db(transaction=True)
def test_other_encodings_than_utf8_are_refused(site: Server) -> None:
    """Of some of them no text can be read, of others no form."""
    faults = [
        request
        for encoding in OTHERS
        for kind in KINDS
        for asked in ("GET /?prompt=x", "POST /battles/")
        for request in [encoded_as(asked, kind, encoding)]
        if not site.reply(request).startswith(b"HTTP/1.1 415 ")
    ]
    assert faults == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("said", ["charset*=none-such''x", "name*=none-such'en'x"])
def test_content_type_that_cannot_be_read_is_refused(site: Server, said: str) -> None:
    head = f"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain; {said}\r\n\r\n"
    assert site.reply(head.encode()).startswith(b"HTTP/1.1 415 ")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "path", ["/battles/%00/", "/admin/invitation/%00/", "/static/%00", "/?q=%00"]
)
def test_address_with_a_nul_is_refused(site: Server, path: str) -> None:
    head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"
    assert site.reply(head.encode()).startswith(b"HTTP/1.1 400 ")


NUL_COOKIE = r'Cookie: sessionid="\000aaaaaaaaaaaa"'


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/status/", "/admin/login/"])
def test_session_that_cannot_be_is_none(site: Server, path: str) -> None:
    head = f"Host: localhost\r\nConnection: close\r\n{NUL_COOKIE}\r\n"
    got = site.reply(f"GET {path} HTTP/1.1\r\n{head}\r\n".encode())
    assert got.startswith(b"HTTP/1.1 200 ")
    chunked = f"POST {path} HTTP/1.1\r\n{head}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    sent = site.reply(chunked.encode())
    assert sent.startswith(b"HTTP/1.1 403 ")  # no token of a form


@pytest.mark.django_db(transaction=True)
def test_utf8_and_what_is_no_encoding_are_taken(site: Server) -> None:
    for encoding in ("utf-8", "UTF-8", '"utf-8"', "none-such", "", "x" * 5000):
        got = site.reply(encoded_as("GET /?prompt=x", "text/plain", encoding))
        assert got.startswith(b"HTTP/1.1 200 "), encoding
        sent = site.reply(encoded_as("POST /battles/", KINDS[1], encoding))
        assert sent.startswith(b"HTTP/1.1 403 "), encoding  # no token of a form


@pytest.mark.django_db(transaction=True)
def test_staff_who_are_signed_in_may_send_files(site: Server) -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("ada"))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    for path, status in (("/admin/arena/job/import/", b"403"), ("/", b"413"), ("/about/", b"413")):
        with site.connect() as connection:
            connection.sendall(
                b"POST %b HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid=%b\r\n"
                b"Connection: close\r\nContent-Length: 3000000\r\n\r\n"
                % (path.encode(), cookie.encode())
            )
            try:
                for _ in range(30):
                    connection.sendall(b"x" * 100_000)
            except OSError:
                pass  # it has answered already
            said = everything(connection)
        assert said.startswith(b"HTTP/1.1 " + status), path  # 403: no token of a form


def example(route: str) -> str:
    """An address of the route; nothing need be there."""
    return re.sub(r"<(?:(\w+):)?\w+>", lambda kind: "1" if kind[1] == "int" else "x", route)


ORIGINS = {
    (b"http://arena.example", b"arena.example"): True,
    (b"http://arena.example:8000", b"arena.example:8000"): True,
    (b"HTTP://ARENA.example", b"arena.example"): True,
    (b"https://trusted.example", b"arena.example"): True,
    (b"https://sub.wide.example", b"arena.example"): True,
    (b"https://arena.example", b"arena.example"): False,  # another scheme
    (b"http://arena.example:9000", b"arena.example"): False,  # another port
    (b"http://arena.example", b"arena.example:8000"): False,
    (b"http://trusted.example", b"arena.example"): False,
    (b"https://trusted.example:444", b"arena.example"): False,
    (b"https://wide.example.evil.example", b"arena.example"): False,
    (b"http://evil.example", b"arena.example"): False,
    (b"http://evil.example", b"evil.example"): False,  # a host that is not ours
    (b"null", b"arena.example"): False,
    (b"", b"arena.example"): False,
}


@each(ORIGINS.items())
def test_websocket_opens_for_pages_of_this_site_only(
    case: tuple[tuple[bytes, bytes], bool],
) -> None:
    (origin, host), expected = case
    with override_settings(
        ALLOWED_HOSTS=["arena.example"],
        CSRF_TRUSTED_ORIGINS=["https://trusted.example", "https://*.wide.example"],
    ):
        assert origins.is_ours({b"origin": origin, b"host": host}) is expected


def test_websocket_behind_a_proxy_has_the_scheme_that_the_proxy_says() -> None:
    head = {b"origin": b"https://arena.example", b"host": b"arena.example"}
    with override_settings(ALLOWED_HOSTS=["arena.example"], HTTPS=True):
        assert origins.is_ours({**head, b"x-forwarded-proto": b"https"})
        assert not origins.is_ours({**head, b"x-forwarded-proto": b"http"})
    with override_settings(ALLOWED_HOSTS=["arena.example"], HTTPS=False):
        assert not origins.is_ours({**head, b"x-forwarded-proto": b"https"})  # a visitor's own


@pytest.mark.django_db(transaction=True)
def test_real_socket_is_refused_to_a_page_on_another_port(site: Server) -> None:
    _, port = site.address
    for origin, status in (("localhost:1", b"403"), (f"localhost:{port}", b"101")):
        with site.connect() as connection:
            head = handshake("/ws/battles/none/", f"{origin}", port)
            connection.sendall(head)
            assert connection.recv(100).startswith(b"HTTP/1.1 " + status)


SOCKET = "/ws/battles/none/"
REFUSED = {
    "an address that there is not": ("/ws/none/", [], b"", [b"403"]),
    "no address": ("/ws/battles/%ff%0a/", [], b"", [b"403"]),
    "a NUL": ("/ws/battles/%00/", [], b"", [b"403"]),
    "a long address": (f"{SOCKET}?at={'9' * 20_000}", [], b"", [b"414"]),
    "a long header": (SOCKET, [f"Cookie: voter={'x' * 20_000}"], b"", [b"431"]),
    "many headers": (SOCKET, [f"X-{i}: y" for i in range(200)], b"", [b"431"]),
    "a session that cannot be": ("/ws/trials/none/", [NUL_COOKIE], b"", [b"101"]),
    # The answer may come before they arrive.
    "frames with the head": (SOCKET, [], b"\x83\x80\0\0\0\0" * 5000, [b"", b"101"]),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("path", "headers", "more", "status"), REFUSED.values(), ids=REFUSED)
def test_odd_head_of_a_socket_ends_in_a_line(
    site: Server, caplog: Any, path: str, headers: list[str], more: bytes, status: list[bytes]
) -> None:
    """Without an error in the log, and with the end of the connection."""
    _, port = site.address
    with caplog.at_level("ERROR"):
        said = site.reply(handshake(path, f"localhost:{port}", port, *headers) + more)
    assert said[9:12] in status
    assert caplog.messages == []


def test_who_leaves_before_the_answers_causes_no_error(caplog: Any) -> None:
    """Requests one after the other, without waiting for what is said to the first."""
    written = threading.Event()

    async def answer(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        body = b"x" * 20_000_000  # more than the client's system takes for it
        await send({"type": "http.response.body", "body": body, "more_body": True})
        written.set()
        await send({"type": "http.response.body", "body": b""})

    with caplog.at_level("ERROR"):
        running = Server(answer)
        with running.connect() as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 3)
            assert written.wait(60)
        running.stop()
    assert caplog.messages == []


def test_what_a_socket_says_is_not_read(caplog: Any) -> None:
    async def silent(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        assert (await receive())["type"] == "websocket.disconnect"

    no_text, close = b"\x81\x82\0\0\0\0\xff\xfe", b"\x88\x80\0\0\0\0"
    with caplog.at_level("ERROR"):
        running = Server(silent)
        _, port = running.address
        with running.connect() as client:
            client.sendall(handshake("/", f"localhost:{port}", port))
            assert client.recv(1000).startswith(b"HTTP/1.1 101 ")
            client.sendall(no_text + close)
            assert everything(client).endswith(b"\x88\x00")
        running.stop()
    assert caplog.messages == []
