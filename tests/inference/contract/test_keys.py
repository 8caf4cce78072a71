"""A key is sent only to the hosts that it is bound to."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from inference.contract import keys
from inference.contract.errors import EngineError
from inference.contract.keys import HOSTS, PROVIDERS, Key, hosts_of, key_of, objection
from inference.contract.requests import Endpoint

AZURE = "https://mine.openai.azure.com/openai/v1/chat/completions"
ADMIN = "A key kept in the admin is bound there, under API keys."
BEDROCK = "https://bedrock-runtime.us-gov-west-1.amazonaws.com/openai/v1"


@pytest.mark.parametrize(
    ("variable", "url"),
    [
        ("OPENAI_API_KEY", "https://api.openai.com/v1/chat/completions"),
        ("OPENAI_API_KEY", "https://API.OpenAI.com:443/v1"),
        ("AZURE_OPENAI_API_KEY", AZURE),
        ("AWS_BEARER_TOKEN_BEDROCK", BEDROCK),
        ("ANTHROPIC_API_KEY", "https://api.anthropic.com/v1/messages"),
    ],
)
def test_key_of_a_provider_goes_to_its_hosts(variable: str, url: str) -> None:
    assert objection(variable, url, hosts_of(variable)) == ""


@pytest.mark.parametrize(
    ("variable", "url"),
    [
        ("OPENAI_API_KEY", "http://api.openai.com/v1"),
        ("OPENAI_API_KEY", "https://api.openai.com:8443/v1"),
        ("OPENAI_API_KEY", "https://api.openai.com.evil.example/v1"),
        ("OPENAI_API_KEY", "https://api.openai.com@evil.example/v1"),
        ("OPENAI_API_KEY", "https://evil.example\\@api.openai.com/v1"),
        ("OPENAI_API_KEY", "https://evil.example/api.openai.com"),
        ("OPENAI_API_KEY", "https://evil.example?api.openai.com"),
        ("OPENAI_API_KEY", "https://evil.example#@api.openai.com"),
        ("OPENAI_API_KEY", "https://api.openai.com%2eevil.example/"),
        ("OPENAI_API_KEY", "https://api.openai.com\n.evil.example/"),
        ("OPENAI_API_KEY", "https://api.openai.com./v1"),
        ("OPENAI_API_KEY", "https://xapi.openai.com/v1"),
        ("OPENAI_API_KEY", "https://127.0.0.1/v1"),
        ("OPENAI_API_KEY", "http://127.0.0.1:9200/v1"),
        ("OPENAI_API_KEY", "https://api.openai.com:99999/v1"),
        ("OPENAI_API_KEY", "ftp://api.openai.com/"),
        ("OPENAI_API_KEY", "api.openai.com"),
        ("OPENAI_API_KEY", ""),
        ("AZURE_OPENAI_API_KEY", "https://openai.azure.com/"),
        ("AZURE_OPENAI_API_KEY", "https://a.b.openai.azure.com/"),
        ("AWS_BEARER_TOKEN_BEDROCK", "https://bedrock-runtime.s3.amazonaws.com/"),
        ("AWS_BEARER_TOKEN_BEDROCK", "https://bedrock-runtime.s3-us-west-2.amazonaws.com/"),
        ("ACME_API_KEY", "https://api.acme.example/v1"),
    ],
)
def test_key_goes_nowhere_else(variable: str, url: str) -> None:
    assert objection(variable, url, hosts_of(variable)) != ""


@pytest.mark.parametrize(
    ("hosts", "url", "goes"),
    [
        ("api.acme.example", "https://api.acme.example/v1", True),
        ("API.acme.example", "https://api.acme.example/v1", True),
        ("a.example, b.example:8443", "https://b.example:8443/", True),
        ("https://a.example", "https://a.example/", True),
        ("*.acme.example", "https://eu.acme.example/", True),
        ("*.acme.example", "https://eu.west.acme.example/", False),
        ("*.acme.example", "https://acme.example/", False),
        ("a.example", "https://a.example:8443/", False),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/v1", True),
        ("http://localhost:8000", "http://localhost:8000/v1", True),
        ("http://[::1]:8000", "http://[::1]:8000/v1", True),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8001/v1", False),
        ("127.0.0.1:8000", "http://127.0.0.1:8000/v1", False),
        ("http://gpu1:8000", "http://gpu1:8000/v1", False),
        ("a.example:port", "https://a.example/", False),
    ],
)
def test_operator_says_where_a_key_may_go(
    monkeypatch: pytest.MonkeyPatch, hosts: str, url: str, goes: bool
) -> None:
    monkeypatch.setenv("ACME_API_KEY_HOSTS", hosts)
    assert (objection("ACME_API_KEY", url, hosts_of("ACME_API_KEY")) == "") == goes


def test_list_of_the_operator_is_the_whole_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY_HOSTS", "proxy.example")
    assert hosts_of("OPENAI_API_KEY") == ("proxy.example",)


@pytest.mark.parametrize(
    ("variable", "url", "sentence"),
    [
        (
            "OPENAI_API_KEY",
            "https://proxy.example/v1",
            "OPENAI_API_KEY is only sent to api.openai.com. To have it sent to proxy.example, set "
            "OPENAI_API_KEY_HOSTS=api.openai.com,proxy.example beside it on the model worker. "
            f"{ADMIN}",
        ),
        (
            "ACME_API_KEY",
            "https://api.acme.example:8443/v1",
            "ACME_API_KEY is bound to no host, so it is sent nowhere. To have it sent to "
            "api.acme.example:8443, set ACME_API_KEY_HOSTS=api.acme.example:8443 beside it on the "
            f"model worker. {ADMIN}",
        ),
        (
            "VLLM_API_KEY",
            "http://127.0.0.1:8000/v1",
            "VLLM_API_KEY is bound to no host, so it is sent nowhere. To have it sent to "
            "http://127.0.0.1:8000, set VLLM_API_KEY_HOSTS=http://127.0.0.1:8000 beside it on the "
            f"model worker. {ADMIN}",
        ),
        (
            "VLLM_API_KEY",
            "http://gpu1:8000/v1",
            "VLLM_API_KEY is not sent to http://gpu1:8000: plain http would expose it. Use https, "
            "or a server that needs no key.",
        ),
        (
            "OPENAI_API_KEY",
            "https://api.openai.com@evil.example/v1",
            "OPENAI_API_KEY is not sent to https://api.openai.com@evil.example/v1: that is not a "
            "plain host address.",
        ),
    ],
)
def test_objection_says_what_to_set(variable: str, url: str, sentence: str) -> None:
    assert objection(variable, url, hosts_of(variable)) == sentence


def test_what_an_objection_says_to_set_is_what_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    for url in ("https://a.example:8443/v1", "http://[::1]:8000/v1", "https://[2001:db8::1]/v1"):
        monkeypatch.delenv("ACME_API_KEY_HOSTS", raising=False)
        said = objection("ACME_API_KEY", url, ())
        monkeypatch.setenv("ACME_API_KEY_HOSTS", said.partition(f"{HOSTS}=")[2].split()[0])
        assert objection("ACME_API_KEY", url, hosts_of("ACME_API_KEY")) == ""


@pytest.mark.parametrize("key", ["sk-1\n", "  sk-1  "])
def test_blanks_around_a_key_are_no_part_of_it(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    endpoint = Endpoint(url="", model="m", key_variable="OPENAI_API_KEY", meter="test")
    assert key_of(endpoint, "https://api.openai.com/v1") == "sk-1"


@pytest.mark.parametrize("key", ["sk 1", "sk-\N{HORIZONTAL ELLIPSIS}", "sk-1\nx-evil: 1"])
def test_key_that_no_header_can_carry_is_not_quoted(
    monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    endpoint = Endpoint(url="", model="m", key_variable="OPENAI_API_KEY", meter="test")
    with pytest.raises(EngineError) as raised:
        key_of(endpoint, "https://api.openai.com/v1")
    assert raised.value.permanent
    assert str(raised.value) == (
        "The key in OPENAI_API_KEY has characters that a key cannot have; copy it again."
    )


@pytest.fixture
def from_site() -> Iterator[None]:
    yield
    keys.take({})


def test_key_from_the_site_is_used_until_it_is_taken_back(from_site: None) -> None:
    endpoint = Endpoint(url="", model="m", key_variable="ACME_API_KEY", meter="test")
    keys.take({"ACME_API_KEY": Key("sk-from-the-site", ("api.acme.example",))})
    assert key_of(endpoint, "https://api.acme.example/v1") == "sk-from-the-site"
    assert ("ACME_API_KEY" in keys.held(), keys.sent()) == (True, ["ACME_API_KEY"])
    with pytest.raises(EngineError, match=r"only sent to api\.acme\.example"):
        key_of(endpoint, "https://evil.example/v1")
    keys.take({})
    assert "ACME_API_KEY" not in keys.held()
    with pytest.raises(EngineError, match="This model worker has no ACME_API_KEY") as raised:
        key_of(endpoint, "https://api.acme.example/v1")
    assert raised.value.permanent
    assert keys.scrub("You sent sk-from-the-site.", endpoint) == "You sent [key]."


def test_key_of_the_worker_comes_before_that_of_the_site(
    from_site: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-own")
    keys.take({"OPENAI_API_KEY": Key("sk-from-the-site", ("proxy.example",))})
    endpoint = Endpoint(url="", model="m", key_variable="OPENAI_API_KEY", meter="test")
    assert key_of(endpoint, "https://api.openai.com/v1") == "sk-own"
    assert (keys.held().count("OPENAI_API_KEY"), keys.sent()) == (1, [])
    assert objection("OPENAI_API_KEY", "https://proxy.example/", hosts_of("OPENAI_API_KEY"))


def test_key_from_the_site_does_not_show_in_a_traceback() -> None:
    assert "sk-" not in repr(Key("sk-from-the-site", ()))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("api.acme.example", "api.acme.example"),
        ("https://API.acme.example/v1/", "api.acme.example"),
        ("gpu1.internal:8443", "gpu1.internal:8443"),
        ("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000"),
        ("*.openai.azure.com", "*.openai.azure.com"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_host_is_bound_however_it_is_typed(typed: str, kept: str) -> None:
    assert keys.binding(typed) == kept
    assert keys.binding(kept) == kept


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("http://gpu1:8000", "plain http would expose the key"),
        ("*", "a star may only stand before a domain"),
        ("*.com", "a star may only stand before a domain"),
        ("api.*.example", "a star may only stand before a domain"),
        ("api.acme.example@evil.example", "is not a host"),
        ("a.example:port", "is not a host"),
        ("ftp://a.example", "is not a host"),
    ],
)
def test_host_that_a_key_cannot_be_bound_to_is_a_sentence(typed: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        keys.binding(typed)


def test_every_provider_has_a_name_for_its_key() -> None:
    assert all(keys.is_name(variable) for variable in PROVIDERS)
