"""Token bytes to text: whole characters, and never a piece of a stop string."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from inference.engine import Engine
from inference.engine.text import TextAssembler

from .asking import PLAIN, ask

TEXT = st.text(alphabet="abéλ雨🌧️ \n", max_size=40)
STOPS = st.lists(st.text(alphabet="abé雨\n", min_size=1, max_size=4), max_size=3)


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]


@given(text=TEXT, stops=STOPS, cuts=st.lists(st.integers(0, 200), max_size=20))
def test_assembler_gives_the_text_up_to_the_first_stop(
    text: str, stops: list[str], cuts: list[int]
) -> None:
    assembler = TextAssembler(tuple(stops))
    shown = ""
    for piece in pieces(text.encode(), cuts):
        shown += assembler.feed(piece)
        if assembler.stopped:
            break
    else:
        shown += assembler.flush()
    found = {text[: text.index(stop)] for stop in stops if stop in text}
    assert assembler.stopped == bool(found)
    # Of several stops the first in a piece counts; in how many pieces the text comes is chance.
    assert shown in (found or {text})


def test_assembler_holds_back_what_could_begin_a_stop() -> None:
    assembler = TextAssembler(("###",))
    assert assembler.feed(b"one #") == "one "
    assert assembler.feed(b"# two") == "## two"
    assert assembler.feed(b"##") == ""
    assert assembler.flush() == "##"


def test_assembler_drops_half_a_character_at_the_end() -> None:
    assembler = TextAssembler(())
    assert assembler.feed("rain 雨".encode()[:-1]) == "rain "
    assert assembler.flush() == ""


def test_characters_that_span_tokens_arrive_whole(engine: Engine) -> None:
    vocabulary = engine._model.vocabulary
    text, _ = ask(engine, "🦊🦊🦊🦊🦊🦊🦊🦊", prompt_format=PLAIN, max_tokens=24)
    tokens = vocabulary.tokenise_prompt("🦊")
    assert len(tokens) > 1
    assert any(b"\xf0" in vocabulary.piece(token)[:1] for token in tokens)
    assert "🦊" in text
    assert "\N{REPLACEMENT CHARACTER}" not in text
