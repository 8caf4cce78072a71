from __future__ import annotations

import pytest
from django.http import HttpRequest
from django.test import RequestFactory
from pytest_django import Settings

from arena.limiting.addresses import guesser, prefix_key

PEER = "192.0.2.7"


def asked(forwarded: str = "", peer: str = PEER) -> HttpRequest:
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    return RequestFactory().get("/", REMOTE_ADDR=peer, headers=headers)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "", PEER),
        (0, "198.51.100.1", PEER),  # anybody can send it
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "203.0.113.9, 198.51.100.1", "198.51.100.1"),  # the first is forged
        (1, "203.0.113.9,junk , 198.51.100.1:4711", "198.51.100.1"),
        (2, "203.0.113.9, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
        (2, "198.51.100.1", PEER),  # it has come past a proxy
        (1, "junk", PEER),
        (1, "", PEER),
        (1, "[2001:db8::1]:4711", "2001:db8::"),  # the network
        (1, "::ffff:198.51.100.1", "198.51.100.1"),
    ],
)
def test_address_is_what_our_own_proxies_say(
    settings: Settings, proxies: int, forwarded: str, address: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    assert guesser(asked(forwarded)) == address


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.7", "192.0.2.250", True),
        ("192.0.2.7", "192.0.3.7", False),
        ("2001:db8:0:1200::1", "2001:db8:0:12ff:ffff::1", True),
        ("2001:db8:0:1200::1", "2001:db8:0:1300::1", False),
        ("192.0.2.7", "::ffff:192.0.2.9", True),
    ],
)
def test_prefix_is_24_bits_of_ipv4_and_56_of_ipv6(one: str, other: str, same: bool) -> None:
    assert (prefix_key(asked(peer=one)) == prefix_key(asked(peer=other))) is same


def test_prefix_key_tells_no_address_and_depends_on_the_secret_key(
    settings: Settings,
) -> None:
    key = prefix_key(asked())
    assert len(key) == 16
    assert set(key) <= set("0123456789abcdef")
    settings.SECRET_KEY = "another"
    assert prefix_key(asked()) != key


def test_prefix_is_unknown_behind_a_proxy_that_is_not_counted(settings: Settings) -> None:
    settings.HTTPS, settings.TRUSTED_PROXIES = True, 0
    assert prefix_key(asked("198.51.100.1")) == ""
    settings.TRUSTED_PROXIES = 1
    assert prefix_key(asked("198.51.100.1")) != ""


def test_address_is_none_on_a_socket_without_one() -> None:
    assert guesser(asked(peer="")) is None
    assert prefix_key(asked(peer="")) == ""
