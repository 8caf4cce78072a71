"""Every byte of a real battle before its vote: pages, frames, headers, cookies, static files."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosedError
from websockets.frames import Close

from .site import Site
from .volunteer import Volunteer

RENAME = """UPDATE arena_contestant SET name = 'Xylophonic ' || id, slug = 'quetzal-' || id,
            organisation = 'Zugzwang Laboratories', licence = 'Whiffletree'"""
RESTORE = """UPDATE arena_contestant SET name = %s, slug = %s, organisation = %s, licence = %s
             WHERE id = %s"""


@pytest.fixture
def renamed(site: Site) -> Iterator[None]:
    before = site.rows("SELECT name, slug, organisation, licence, id FROM arena_contestant")
    site.rows(RENAME)
    yield
    for row in before:
        site.rows(RESTORE, *row)


@pytest.mark.usefixtures("renamed")
def test_no_byte_before_the_vote_tells_who_answers(site: Site, volunteer: Volunteer) -> None:
    page = volunteer.get("/")
    battle = volunteer.begin("Tell me about the sea.")
    volunteer.get(f"/battles/{battle}/")
    volunteer.finish(battle)
    volunteer.get(f"/battles/{battle}/")
    volunteer.follow_up(battle, "And about ships?")
    volunteer.finish(battle)
    page = volunteer.get(f"/battles/{battle}/")
    for path in re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text):
        assert volunteer.get(path).status_code == 200
    received = b"\n".join(volunteer.received).lower().decode()

    secrets = {"xylophonic", "quetzal", "zugzwang", "whiffletree", "llama", "gguf", "q4_1", "q3_k"}
    for secret in site.rows("SELECT weights, system_prompt FROM arena_revision"):
        secrets |= {text.lower() for text in secret if text}
    streams = site.rows("SELECT stream FROM arena_answer")
    secrets |= {str(stream) for (stream,) in streams}
    assert [secret for secret in secrets if secret in received] == []

    volunteer.vote(battle, "A")
    assert "Xylophonic" in volunteer.get(f"/battles/{battle}/").text


@pytest.mark.usefixtures("renamed")
def test_frames_have_no_field_but_those_that_are_shown(volunteer: Volunteer) -> None:
    battle = volunteer.begin("Tell me about the wind.")
    frames = [frame for frame in volunteer.watch(battle) if frame["op"] != "beat"]
    panes = [pane for frame in frames for pane in frame.get("panes", [])]
    assert {frozenset(pane) for pane in panes} == {
        frozenset({"side", "complete", "keep", "from", "blocks"})
    }
    assert {frozenset(frame) for frame in frames} == {
        frozenset({"op", "at", "panes"}),
        frozenset({"op", "notes"}),  # notes on answers cut off; a reloaded page shows the same
    }


def test_websocket_of_another_voter_is_closed_without_a_word(
    site: Site, volunteer: Volunteer
) -> None:
    battle = volunteer.begin("Say hello.")
    with Volunteer(site.url) as stranger, pytest.raises(ConnectionClosedError) as closed:
        next(stranger.watch(battle))
    assert closed.value.rcvd == Close(4404, "")
    volunteer.finish(battle)


def test_sign_of_life_comes_at_fixed_times_whatever_is_written(volunteer: Volunteer) -> None:
    battle = volunteer.begin("Write a long story about a lighthouse, with many details.")
    begun = time.monotonic()
    frames = [(time.monotonic() - begun, frame) for frame in volunteer.watch(battle)]
    beats = [at for at, frame in frames if frame == {"op": "beat"}]
    assert beats
    for number, at in enumerate(beats, 1):
        assert 0 <= at - 5 * number < 4.5
