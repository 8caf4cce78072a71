"""How score and interval of a row are drawn."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from arena.models import Campaign

pytestmark = pytest.mark.django_db(transaction=True)
WIDTH, TICK = 340, 1.5  # pixels of the drawing on a screen 1280 wide
BAR = re.compile(r'class="interval" x1="([\d.]+)%" x2="([\d.]+)%"')


def bars(client: Client, query: str = "") -> list[tuple[float, float]]:
    page = client.get(f"/leaderboard/august/{query}").content.decode()
    return [(float(left), float(right)) for left, right in BAR.findall(page)]


def test_intervals_of_the_first_screen_are_wider_than_their_tick(
    august: Campaign, client: Client
) -> None:
    first = bars(client)[:20]
    assert len(first) == 20
    assert all((right - left) * WIDTH / 100 > 2 * TICK for left, right in first)


def test_better_half_is_drawn_and_the_caption_explains_the_rest(
    august: Campaign, client: Client
) -> None:
    page = client.get("/leaderboard/august/").content.decode()
    assert 65 <= len(BAR.findall(page)) < 129
    assert len(BAR.findall(page)) + page.count('class="beyond"') == 129
    assert "‹: further left." in page


def test_scale_fits_what_is_shown(august: Campaign, client: Client) -> None:
    few = bars(client, "?q=13b")
    assert len(few) > 1
    assert all(0 <= left < right <= 100 for left, right in few)
    page = client.get("/leaderboard/august/?q=13b").content.decode()
    assert "further left" not in page
