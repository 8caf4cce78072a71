"""Whatever stands in the address and the cookies of a live page's connection."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from arena.showing.turn import Position
from arena.streaming.consumer import BattleConsumer

from .habits import fuzzed

pytestmark = pytest.mark.slow
names = st.sampled_from(["at", "lang", "turn", "at", "x"])
said = st.one_of(
    st.sampled_from(["", "2.17", "1.-1", "9" * 19 + ".1", "٣.٣", "²", "de", "xx", "../..", "0"]),
    st.text(max_size=20),
)
queries = st.one_of(
    st.binary(max_size=200),
    st.lists(st.tuples(names, said), max_size=6).map(
        lambda pairs: urlencode(pairs, errors="replace").encode()
    ),
)


def connected(query: bytes, cookie: bytes) -> BattleConsumer:
    consumer = BattleConsumer()
    scope: dict[str, Any] = {"query_string": query, "headers": [(b"cookie", cookie)]}
    consumer.scope = scope
    return consumer


@fuzzed
@given(query=queries, cookie=st.binary(max_size=200))
def test_any_address_is_understood(query: bytes, cookie: bytes) -> None:
    consumer = connected(query, cookie)
    position = consumer._position()
    assert position == Position() or str(position) == consumer.asked("at") or position.words >= 0
    assert consumer._language() in dict(settings.LANGUAGES)
    assert consumer.is_of_another_turn(1) in (True, False)
    assert consumer.voter is None
