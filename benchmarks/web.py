"""`make bench-web`: the cost of the leaderboard over the unavoidable minimum.

1. The page of 300 models, from the cache, against an empty view of the same server: throughput.
2. A choice of filters and order that is not cached yet and matches all 300 models: time to the
   first byte, against the empty view's.
3. Reading and rating 20 slices of 1.67 million real votes each, without rank ranges, against a
   bare SQL read of the same tallies. Reported too: the whole refresh, with rank ranges and rows.
4. The page with everything it loads, compressed, in bytes.
"""

from __future__ import annotations

import asyncio
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import combinations, islice
from pathlib import Path
from urllib.parse import urlencode

import django
import httpx
import numpy as np
from django.core.management import call_command

from benchmarks.figures import describe_machine, report
from benchmarks.servers import own_servers

ROOT = Path(__file__).resolve().parent.parent
MODELS = 300
PARTS = [f"language-x{i}" for i in range(20)]
COPY_SLICES = """
    INSERT INTO arena_tally (campaign_id, slice, first_id, second_id,
                             first_wins, second_wins, ties, both_bad)
    SELECT campaign_id, part, first_id, second_id, first_wins, second_wins, ties, both_bad
    FROM arena_tally, unnest(%s::text[]) AS part
    WHERE slice = 'overall' AND campaign_id = (SELECT id FROM arena_campaign WHERE slug = 'august')
"""
BARE = "SELECT * FROM arena_tally WHERE campaign_id = %s AND slice = %s"
SECONDS, CLIENTS, ROUNDS, COLD = 2.0, 8, 5, 100
SEARCHED = ("model", "name", "long", "names", "organisation", "apache")  # words in every line
SORTED = ("name", "votes", "score", "size")
BOARD, EMPTY = "/leaderboard/arena/?page=all", "/empty/"


def main() -> None:
    with own_servers():
        measure()


def measure() -> None:
    prepare()
    refreshed = measure_refresh()
    with serving() as url:
        size = measure_size(url)
        cached = measure_throughput(url)
        cold = measure_cold(url)
    describe_machine()
    page, empty = cached
    report("leaderboard page against an empty view, requests/s", page / empty, 0.8, at_most=False,
           page_per_s=page, empty_per_s=empty)  # fmt: skip
    page, empty = cold
    report("first byte of a choice nobody has made yet", page / empty, 3.0, at_most=True,
           page_ms=1000 * page, empty_ms=1000 * empty)  # fmt: skip
    ours, bare, whole = refreshed
    report("reading and rating 20 slices anew, less 100 ms", max(ours - 0.1, 0) / bare, 1.5,
           at_most=True, read_and_rate_s=ours, sql_s=bare, whole_refresh_s=whole)  # fmt: skip
    report("page with all it loads, compressed, of 150 kB", size / 150_000, 1.0, at_most=True,
           bytes=size)  # fmt: skip


def prepare() -> None:
    call_command("collectstatic", verbosity=0, interactive=False)
    enter_models()
    enter_real_votes()


def enter_models() -> None:
    """300 models, each against 40 others."""
    from arena.models import Campaign, Contestant, Tally
    from ratings.refreshing.drafts import refresh_all

    campaign = Campaign.live()
    models = Contestant.objects.bulk_create(
        Contestant(
            slug=f"model-{i}", name=f"Model {i} with a name as long as names are",
            organisation=f"Organisation {i % 40}", licence="Apache-2.0",
            access=("OPEN_SOURCE", "OPEN_WEIGHTS", "PROPRIETARY")[i % 3],
            parameters=10**9 * (i + 1),
        )
        for i in range(MODELS)
    )  # fmt: skip
    rng = np.random.default_rng(0)
    Tally.objects.bulk_create(
        Tally(
            campaign=campaign, first=models[i], second=models[j],
            first_wins=int(rng.integers(20, 60)), second_wins=int(rng.integers(20, 60)), ties=20,
        )
        for i in range(MODELS)
        for j in range(i + 1, min(i + 41, MODELS))
    )  # fmt: skip
    refresh_all()


def enter_real_votes() -> None:
    from django.db import connection

    from arena.importing.formats import FORMATS
    from arena.importing.intake import bring_in
    from tests.ratings.core.real_votes import august_2024

    bring_in(FORMATS["arena-tallies"], august_2024(), "august")
    with connection.cursor() as cursor:
        cursor.execute(COPY_SLICES, [PARTS])
        cursor.execute("ANALYZE arena_tally")


def measure_refresh() -> tuple[float, float, float]:
    """Seconds for reading and rating 20 slices, each as large as the whole; for SQL alone; and for
    a whole refresh after every tally has changed."""
    from django.db import connection

    from arena.models import Campaign
    from ratings.boards import listing
    from ratings.boards.fingerprints import fingerprints
    from ratings.refreshing import publications
    from ratings.refreshing.drafts import refresh_all
    from ratings.refreshing.reading import read_slices

    campaign = Campaign.objects.get(slug="august")
    seen = fingerprints(campaign.pk)

    def refresh() -> None:
        for part, given in read_slices(campaign, PARTS, seen).items():
            publications.rate(listing.of_part(campaign.pk, part), given, None)

    def sql() -> None:
        with connection.cursor() as cursor:
            for part in PARTS:
                cursor.execute(BARE, [campaign.pk, part])
                cursor.fetchall()

    refresh_all()
    pairs = [(timed(refresh), timed(sql)) for _ in range(3 * ROUNDS)]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE arena_tally SET ties = ties + 1 WHERE slice = ANY(%s)", [PARTS])
    whole = timed(refresh_all)
    return min(ours for ours, _ in pairs), min(bare for _, bare in pairs), whole


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@contextmanager
def serving() -> Iterator[str]:
    """The site, with an extra empty view, in a process of its own."""
    from tests.live.site import free_port, until

    port = free_port()
    command = [sys.executable, "-m", "benchmarks.web", "serve", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ)
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: answers(f"{url}{EMPTY}"), "the server")
        yield url
    finally:
        process.terminate()
        process.wait(10)


def answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.HTTPError:
        return False


def serve(port: int) -> None:
    import uvicorn
    from django.http import HttpRequest, HttpResponse
    from django.urls import path

    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    from config import urls
    from config.asgi import application

    def empty(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    vars(urls)["urlpatterns"] = [*urls.urlpatterns, path(EMPTY.strip("/") + "/", empty)]
    uvicorn.run(application, port=port, log_level="warning")


def measure_throughput(url: str) -> tuple[float, float]:
    """Medians of requests per second, alternating."""
    rounds = [
        (asyncio.run(rate_of(url, BOARD)), asyncio.run(rate_of(url, EMPTY))) for _ in range(ROUNDS)
    ]
    return (
        statistics.median(page for page, _ in rounds),
        statistics.median(empty for _, empty in rounds),
    )


async def rate_of(url: str, path: str) -> float:
    port = int(url.rpartition(":")[2])
    until = time.perf_counter() + SECONDS
    counts = await asyncio.gather(*(client(port, path, until) for _ in range(CLIENTS)))
    return sum(counts) / SECONDS


async def client(port: int, path: str, until: float) -> int:
    """One connection, one request after the other; minimal, as it shares the cores."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n\r\n".encode()
    count = 0
    while time.perf_counter() < until:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode())
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        await reader.readexactly(int(length[1]) if length else 0)
        count += 1
    writer.close()
    return count


def measure_cold(url: str) -> tuple[float, float]:
    """Medians of seconds to the first byte, alternating. Each choice is made once; the first few
    are warm-up."""
    with httpx.Client(base_url=url) as session:
        times = [
            (first_byte(session, f"{BOARD}&{choice}"), first_byte(session, f"{EMPTY}?{choice}"))
            for choice in islice(choices(), COLD)
        ]
    pages, empties = zip(*times[5:], strict=True)
    return statistics.median(pages), statistics.median(empties)


def choices() -> Iterator[str]:
    """Queries that differ in what they search for or how they sort, and find every model."""
    for count in range(1, len(SEARCHED) + 1):
        for words in combinations(SEARCHED, count):
            for sort in SORTED:
                yield urlencode({"q": " ".join(words), "sort": sort})


def first_byte(session: httpx.Client, path: str) -> float:
    began = time.perf_counter()
    with session.stream("GET", path) as response:
        seconds = time.perf_counter() - began
        response.read()
    return seconds


def measure_size(url: str) -> int:
    """Bytes transferred for the page and the style sheets, scripts and pictures it loads."""
    page, size = fetched(f"{url}{BOARD}")
    loads = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page))
    return size + sum(fetched(f"{url}{path}")[1] for path in loads)


def fetched(url: str) -> tuple[str, int]:
    """The text of the page, and its size in bytes as transferred."""
    with httpx.stream("GET", url, headers={"accept-encoding": "gzip"}) as response:
        text = response.read().decode()
        return text, response.num_bytes_downloaded


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(int(sys.argv[2]))
    else:
        main()
