"""What a worker may ask: for answers, for lists of models, and for files."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from inference.contract.asking import OfModels
from inference.contract.errors import EngineError
from inference.worker import addresses
from inference.worker.backends.wire import Call, Refused, Wire
from inference.worker.fetching.answering import answer
from inference.worker.fetching.web import Web
from tests.hub import HubServer

PRIVATE = [
    "http://127.0.0.1:6379/",
    "http://169.254.169.254/latest/meta-data/",
    "http://10.1.2.3/x.gguf",
    "http://192.168.0.1/x.gguf",
    "http://[::1]/x.gguf",
    "http://[fe80::1]/x.gguf",
    "http://[::ffff:127.0.0.1]/x.gguf",
    "http://100.64.0.1/x.gguf",
    "http://0.0.0.0/x.gguf",
    "http://2130706433/x.gguf",
    "http://localhost/x.gguf",
    "http://[64:ff9b::a9fe:a9fe]/x.gguf",  # each of these leads to an IPv4 address
    "http://[2002:7f00:1::]/x.gguf",
    "http://[::10.0.0.1]/x.gguf",
    "http://[fec0::1]/x.gguf",
    "http://192.0.0.192/x.gguf",  # special, though Python 3.11 takes them for global
    "http://[5f00::1]/x.gguf",
]


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_ENDPOINT", "FETCH_HOSTS", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def web() -> Iterator[Web]:
    with closing(Web()) as client:
        yield client


@pytest.mark.parametrize("url", PRIVATE)
def test_private_address_is_refused_with_what_to_set(url: str) -> None:
    with pytest.raises(EngineError, match=r"in a private network .* set FETCH_HOSTS=") as caught:
        addresses.check(url)
    assert caught.value.permanent


@pytest.mark.parametrize(
    "url",
    ["ftp://example.com/x", "file:///etc/passwd", "//example.com", "http://", "http://a:b@c.org/x",
     "http://[", "http://c.org:99999/"],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(EngineError, match="is not an address that model workers ask"):
        addresses.check(url)


def test_named_hosts_and_the_hub_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FETCH_HOSTS", "10.1.2.3, 192.168.0.1:8080 [FD00::1]:8000")
    addresses.check("http://[fd00::1]:8000/x.gguf")
    addresses.check("http://10.1.2.3/x.gguf")
    addresses.check("https://192.168.0.1:8080/x.gguf")
    with pytest.raises(EngineError):
        addresses.check("http://192.168.0.1/x.gguf")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9000/")
    addresses.check("http://127.0.0.1:9000/maker/model")
    with pytest.raises(EngineError):  # another port: only where the hub itself redirects to it
        addresses.check("http://127.0.0.1:6379/")
    addresses.check("http://127.0.0.1:9001/", "http://127.0.0.1:9000/maker/model")


def test_name_that_resolves_to_a_private_address_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def resolved(*_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, 80)) for host in answers]

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    answers = ["93.184.216.34"]
    addresses.check("http://weights.example/x.gguf")
    answers.append("10.0.0.1")
    with pytest.raises(EngineError, match=r"weights\.example is in a private network"):
        addresses.check("http://weights.example/x.gguf")


def test_address_that_answers_is_checked_again(
    hub: HubServer, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name resolves to a public address when it is checked, to a private one right after."""
    monkeypatch.delenv("HF_ENDPOINT")
    monkeypatch.setattr(addresses, "_resolved", lambda host, port: ["93.184.216.34"])
    url = hub.cdn.url.replace("127.0.0.1", "localhost")
    with (
        pytest.raises(EngineError, match="localhost is in a private network"),
        web.get(f"{url}/repos/x"),
    ):
        pass


def test_address_that_changes_after_its_check_is_sent_nothing(
    hub: HubServer, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the hub has redirected to it."""
    monkeypatch.setattr(addresses, "_resolved", lambda host, port: ["93.184.216.34"])
    with socket.create_server(("127.0.0.1", 0)) as secret:
        secret.settimeout(5)
        url = f"http://localhost:{secret.getsockname()[1]}/delete-everything"
        hub.refusals = [(302, {"Location": url})]
        with (
            pytest.raises(EngineError, match="localhost is in a private network"),
            web.get(f"{hub.url}/x"),
        ):
            pass
        connection, _ = secret.accept()
        with connection:
            connection.settimeout(5)
            assert connection.recv(1000) == b""


Ask = Callable[[str], None]


def ask_for_an_answer(url: str) -> None:
    """As the backends of APIs do, for all formats."""
    call = Call("The API", url, {}, {}, timeout_s=5, most_bytes=1000)

    async def post() -> None:
        wire = Wire()
        try:
            async with wire.post(call, lambda refusal: True):
                pass
        except Refused as refusal:
            raise refusal.error from refusal
        finally:
            await wire.close()

    asyncio.run(post())


def ask_for_models(url: str) -> None:
    answer(OfModels("openai", url))


def ask_for_a_file(url: str) -> None:
    with closing(Web()) as web, web.get(url):
        pass


ASKING = [ask_for_an_answer, ask_for_models, ask_for_a_file]


@pytest.mark.parametrize("ask", ASKING)
def test_service_of_the_own_network_is_sent_nothing_unless_it_is_named(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as secret:
        port = secret.getsockname()[1]
        for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433"):
            with pytest.raises(EngineError, match=r"in a private network .* set FETCH_HOSTS="):
                ask(f"http://{host}:{port}/v1")
        # A name that resolves to a public address when it is checked, and to this one right after.
        monkeypatch.setattr(addresses, "_resolved", lambda host, port: ["93.184.216.34"])
        with pytest.raises(EngineError, match=r"localhost is in a private network"):
            ask(f"http://localhost:{port}/v1")
        connection, _ = secret.accept()
        with connection:
            assert connection.recv(1000) == b""  # closed unused; the others were never opened
        secret.setblocking(False)
        with pytest.raises(BlockingIOError):
            secret.accept()


def test_host_that_the_operator_named_beside_a_key_is_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OWN_API_KEY_HOSTS", "10.1.2.3:8443, http://127.0.0.1:8000")
    monkeypatch.setenv("HOME_HOSTS", "192.168.0.1")  # no list of a key
    addresses.check("https://10.1.2.3:8443/v1")
    addresses.check("http://127.0.0.1:8000/v1")
    for url in ("http://127.0.0.1:8001/v1", "https://10.1.2.3/v1", "https://192.168.0.1/v1"):
        with pytest.raises(EngineError):
            addresses.check(url)


def test_redirect_to_a_private_address_is_not_followed(
    hub: HubServer, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.refusals = [(302, {"Location": "http://169.254.169.254/latest/meta-data/"})]
    with (
        pytest.raises(EngineError, match=r"169.254.169.254 is in a private network"),
        web.get(f"{hub.url}/x"),
    ):
        pass


def test_redirects_without_an_end_are_given_up(hub: HubServer, web: Web) -> None:
    hub.refusals = [(302, {"Location": "/again"})] * 20
    with pytest.raises(EngineError, match="redirects too often"), web.get(f"{hub.url}/x"):
        pass


def test_token_is_for_the_hub_alone_and_never_in_the_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    assert addresses.token_for("https://huggingface.co/maker/model") == "hf_secret"
    assert addresses.token_for("http://huggingface.co/maker/model") == ""
    assert addresses.token_for("https://cdn.huggingface.co/x") == ""
    assert addresses.token_for("https://example.com/x") == ""
    monkeypatch.setenv("HF_ENDPOINT", "http://mirror.example")
    assert addresses.token_for("http://mirror.example/maker/model") == ""
