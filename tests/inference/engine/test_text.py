"""Token bytes to text: whole characters, and never a piece of a stop string."""

from __future__ import annotations

import codecs
import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.engine import Engine
from inference.text.characters import Cleaner, Scrubber, Stops, clean

from .asking import PLAIN, ask

TEXT = st.text(alphabet="abéλ雨🌧️ \n", max_size=40)
STOPS = st.lists(st.text(alphabet="abé雨\n", min_size=1, max_size=4), max_size=3)


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]


@given(text=TEXT, stops=STOPS, cuts=st.lists(st.integers(0, 200), max_size=20))
def test_text_goes_up_to_the_first_stop(text: str, stops: list[str], cuts: list[int]) -> None:
    watch, decoder = Stops(tuple(stops)), codecs.getincrementaldecoder("utf-8")()
    shown = ""
    for piece in pieces(text.encode(), cuts):
        shown += watch.feed(decoder.decode(piece))
        if watch.stopped:
            break
    else:
        shown += watch.flush()
    found = {text[: text.index(stop)] for stop in stops if stop in text}
    assert watch.stopped == bool(found)
    # The first of several stops in a piece counts; how the text is split into pieces is arbitrary.
    assert shown in (found or {text})


def test_what_could_begin_a_stop_is_held_back() -> None:
    stops = Stops(("###",))
    assert stops.feed("one #") == "one "
    assert stops.feed("# two") == "## two"
    assert stops.feed("##") == ""
    assert stops.flush() == "##"


def test_nothing_follows_a_stop() -> None:
    stops = Stops(("###",))
    assert stops.feed("one ### two") == "one "
    assert (stops.feed(" three"), stops.flush(), stops.stopped) == ("", "", True)


@given(cuts=st.lists(st.integers(0, 200), max_size=12))
def test_key_is_left_out_however_the_text_is_cut(cuts: list[int]) -> None:
    text = "You sent sk-distinctive-1, that is: sk-distinctive-1sk-distinctive-1 and sk-dist"
    scrubber = Scrubber("sk-distinctive-1")
    edges = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    shown = "".join(scrubber.feed(text[a:b]) for a, b in itertools.pairwise(edges))
    assert shown + scrubber.flush() == text.replace("sk-distinctive-1", "[key]")


def test_characters_that_span_tokens_arrive_whole(engine: Engine) -> None:
    vocabulary = engine._model.vocabulary
    text, _ = ask(engine, "🦊🦊🦊🦊🦊🦊🦊🦊", prompt_format=PLAIN, max_tokens=24)
    tokens = vocabulary.tokenise_prompt("🦊")
    assert len(tokens) > 1
    assert any(b"\xf0" in vocabulary.piece(token)[:1] for token in tokens)
    assert "🦊" in text
    assert "\N{REPLACEMENT CHARACTER}" not in text


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("A smile: \ud83d\ude00.", "A smile: 😀."),
        ("half \ud83d here", "half \N{REPLACEMENT CHARACTER} here"),
        ("\ude00\ud83d", "\N{REPLACEMENT CHARACTER}" * 2),
        ("\ud83d\ud83d\ude00", "\N{REPLACEMENT CHARACTER}😀"),
        ("A zero\0 byte\x1b[0m.\x7f", "A zero byte[0m."),
        ("tab\tline\r\nend\n", "tab\tline\r\nend\n"),
        ("plain é 雨 😀", "plain é 雨 😀"),
    ],
)
def test_clean_text_can_be_stored(said: str, shown: str) -> None:
    assert clean(said) == shown


@given(
    text=st.text(alphabet="a\0\x1bé😀\n\ud83d\ude00\udbff\udc00", max_size=20),
    cuts=st.lists(st.integers(0, 200), max_size=8),
)
def test_text_is_as_clean_in_pieces_as_it_is_whole(text: str, cuts: list[int]) -> None:
    edges = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    cleaner = Cleaner()
    shown = "".join(cleaner.feed(text[a:b]) for a, b in itertools.pairwise(edges))
    assert shown + cleaner.flush() == clean(text)
    assert json.loads(json.dumps(clean(text)).encode("utf-8")) == clean(text)
