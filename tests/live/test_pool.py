"""Connections to PostgreSQL stay within the pool, however many visitors come and go at once."""

from __future__ import annotations

import asyncio

import httpx
from websockets.asyncio.client import connect
from websockets.typing import Origin

from .hosted import Paced, begin, in_place_of_all
from .site import Site, until
from .volunteer import CERTIFICATES, Volunteer

PAGES = 300
AT_ONCE = 30  # opening; in the end all of them are open
LOOK_AT_EVERY = 10
POOL = 16  # DATABASE_POOL
TAKEN = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'web'"
BUSY = TAKEN + " AND state <> 'idle'"
NEVER = Paced.of([f"word{n} " for n in range(90)], 1.0)  # it is stopped before


def test_300_pages_opened_and_closed_take_no_more_connections_than_the_pool_has(site: Site) -> None:
    with in_place_of_all(site, one=NEVER, other=NEVER), Volunteer(site.url) as volunteer:
        battle = begin(volunteer, "Count, please.")
        most = asyncio.run(_open_and_close(site, volunteer, battle))
        assert 1 <= most <= POOL
        until(lambda: site.rows(BUSY) == [(0,)], "all connections to be given back")
        assert 1 <= site.rows(TAKEN)[0][0] <= POOL
        assert volunteer.post(f"/battles/{battle}/stop/").status_code == 302


async def _open_and_close(site: Site, volunteer: Volunteer, battle: str) -> int:
    """Open all pages with their sockets, and then close them. The most connections meanwhile."""
    turn, seen = asyncio.Semaphore(AT_ONCE), [0]
    are_open = asyncio.Barrier(PAGES)
    address, headers = volunteer.socket_of(battle), volunteer.headers

    async def visit(http: httpx.AsyncClient, number: int) -> None:
        async with turn:
            page = await http.get(f"/battles/{battle}/", headers=headers)
            assert page.status_code == 200
            socket = await connect(
                address, additional_headers=headers, origin=Origin(site.url), open_timeout=60
            )
            await socket.recv()
            if number % LOOK_AT_EVERY == 0:
                seen.append(await asyncio.to_thread(lambda: site.rows(TAKEN)[0][0]))
        await are_open.wait()
        await socket.close()

    once = httpx.Limits(
        max_keepalive_connections=0
    )  # an idle one may be closed as it is used again
    async with httpx.AsyncClient(
        base_url=site.url, timeout=60, verify=CERTIFICATES, limits=once
    ) as http:
        await asyncio.gather(*(visit(http, number) for number in range(PAGES)))
    return max(seen)
