"""A quick and a slow model in a whole arena: nothing that is sent reveals which is which."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from .hosted import Paced, begin, in_place_of_all
from .site import Site
from .volunteer import Volunteer, apply

TEXT = ("So it went on for unbelievably many extraordinary days at sea. " * 6).split()
STORED = """SELECT a.side, a.text, a.finish_reason, c.slug FROM arena_answer a
            JOIN arena_turn t ON t.id = a.turn_id JOIN arena_battle b ON b.id = t.battle_id
            JOIN arena_revision r ON r.id = a.revision_id
            JOIN arena_contestant c ON c.id = r.contestant_id
            WHERE b.public_id = %s ORDER BY a.side"""


@pytest.fixture(scope="module")
def quick_and_slow(site: Site) -> Iterator[None]:
    pieces = [f"{word} " for word in TEXT]
    with in_place_of_all(site, quick=Paced.of(pieces, 0.005), slow=Paced.of(pieces, 0.12)):
        yield


def shown(blocks: list[str]) -> list[str]:
    return html.unescape(re.sub(r"<[^>]+>", "", "".join(blocks))).split()


# What a voter does, and after how many words.
PLAIN, STOP, VOTE, BOAST, SKIP = "", "stop", "vote", "vote, claiming to have seen more", "skip"
PLAYED = [
    (PLAIN, len(TEXT)), (PLAIN, len(TEXT)), (STOP, 5), (STOP, 20), (STOP, 40), (VOTE, 12),
    (VOTE, 30), (BOAST, 15), (SKIP, 25),
]  # fmt: skip


def do(deed: str, volunteer: Volunteer, battle: str, at: str) -> None:
    seen = at.partition(".")[0] + ".9999" if deed == BOAST else at
    if deed in (VOTE, BOAST):
        volunteer.post(f"/battles/{battle}/vote/", verdict="A", turn="1", seen=seen)
    else:
        volunteer.post(f"/battles/{battle}/{deed}/", seen=seen)


def watch(site: Site, deed: str, after: int) -> tuple[list[list[str]], list[list[str]], list[str]]:
    """What both panes show in the end, what is stored, and for which models. Every frame is
    checked."""
    panes: dict[str, list[str]] = {"A": [], "B": []}
    last, is_done = "", deed == PLAIN
    holds = deed in (VOTE, BOAST, SKIP)  # what comes while a choice is sent is not shown
    with Volunteer(site.url) as volunteer:
        battle = begin(volunteer, "Tell me about the sea.")
        for frame in volunteer.watch(battle):
            if not (holds and is_done):
                apply(panes, frame)
            last = frame["op"]
            if last != "text":
                continue
            assert [pane["side"] for pane in frame["panes"]] == ["A", "B"]
            a, b = shown(panes["A"]), shown(panes["B"])
            assert a == b == TEXT[: len(a)]  # the same words, and whole ones
            if len(a) >= after and not is_done:
                is_done = True
                do(deed, volunteer, battle, frame["at"])
        why = site.rows("SELECT void_reason FROM arena_battle WHERE public_id = %s", battle)
        assert last in ("ready", "over"), why
        rows = site.rows(STORED, battle)
        page = volunteer.get(f"/battles/{battle}/").text
        assert page.count("stopped here") + page.count("You voted here") == (
            0 if deed == PLAIN else 2
        )
        assert bool(re.search(r"\b(quick|slow)\b", page)) == (deed in (VOTE, BOAST))
    assert len({reason for _, _, reason, _ in rows}) == 1
    return [shown(panes[side]) for side in "AB"], [text.split() for _, text, _, _ in rows], [
        slug for *_, slug in rows
    ]  # fmt: skip


@pytest.mark.usefixtures("quick_and_slow")
def test_quick_and_slow_side_look_alike_to_the_last_byte(site: Site) -> None:
    with ThreadPoolExecutor(len(PLAYED)) as crowd:
        seen = list(crowd.map(lambda played: watch(site, *played), PLAYED))
    for (deed, after), (panes, stored, slugs) in zip(PLAYED, seen, strict=True):
        assert stored[0] == stored[1]
        if deed == BOAST:  # as far as the clock is, which neither side sets
            assert after <= len(stored[0])
        else:
            assert panes == stored  # what was seen, no more
            assert len(stored[0]) == after
        assert Counter(slugs) == {"api-quick": 1, "api-slow": 1}
