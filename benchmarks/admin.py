"""`make bench-admin`: the admin's lists and its page of a battle, at 1 million votes and 5 million
answers, against an empty list of the stock admin in the same run.

    python -m benchmarks.admin [VOTES]
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Mapping

from django.core.management import call_command

from .admin_rows import RARE, USUAL, fill
from .figures import describe_machine, report
from .servers import own_servers

VOTES = 1_000_000
ROUNDS = 7
GOAL = 15.0  # times the empty list
LIMIT_MS = 300.0
EMPTY = "auth/group/"  # a list of the stock admin without rows


def main(votes: int = VOTES) -> None:
    describe_machine()
    with own_servers():
        call_command("collectstatic", verbosity=0, interactive=False)
        fill(votes)
        measure()


def measure() -> None:
    """Run inside a process in which Django is set up. The rounds alternate with the empty list."""
    get = visitor()
    worst = 0.0
    for name, page in pages().items():
        found = [(timed(get, EMPTY), timed(get, page)) for _ in range(ROUNDS)]
        empty_ms, page_ms = (statistics.median(times) for times in zip(*found, strict=True))
        worst = max(worst, page_ms)
        report(name, page_ms / empty_ms, GOAL, at_most=True, page_ms=page_ms, empty_ms=empty_ms)
    report("slowest of these pages, of 300 ms", worst / LIMIT_MS, 1.0, at_most=True, page_ms=worst)


def visitor() -> Callable[[str], None]:
    """Opens pages of the admin as a superuser, inside this process."""
    from django.contrib.auth.models import User
    from django.test import Client

    client = Client()
    client.force_login(User.objects.create_superuser("bench"))

    def get(page: str) -> None:
        response = client.get(f"/admin/{page}", headers={"host": "localhost"})
        if response.status_code != 200:
            raise RuntimeError(f"{page}: {response.status_code}")

    return get


def timed(get: Callable[[str], None], page: str) -> float:
    began = time.perf_counter()
    get(page)
    return 1000 * (time.perf_counter() - began)


def pages() -> Mapping[str, str]:
    from arena.models import Answer, Battle, Campaign, Contestant, Vote

    newest, oldest = Contestant.objects.latest("pk").pk, Contestant.objects.earliest("pk").pk
    campaign = Campaign.objects.earliest("pk").pk
    half = Vote.objects.count() // 2
    vote = Vote.objects.order_by("pk")[half]
    battle = Battle.objects.get(vote=vote)
    answer = Answer.objects.filter(turn__battle=battle)[0]
    day = vote.created.date()
    votes = {
        "first page": "",
        "deep page": f"?older={battle.created:%Y-%m-%dT%H:%M:%S.%f}%2B00:00_{battle.pk}",
        "one campaign": f"?campaign={campaign}",
        "one contestant": f"?contestant={oldest}",
        "a contestant of the first tenth": f"?contestant={newest}",
        "a verdict": "?verdict=BOTH_BAD",
        "excluded": "?standing=EXCLUDED",
        "excluded for a reason": "?reason=robot",
        "early": "?flag=early",
        "open objections": "?flag=open",
        "a common category": "?category=coding",
        "a rare category": "?category=creative-writing",
        "a rare language": "?language=is",
        "one day": f"?since={day}&until={day}",
        "one voter": f"?voter={vote.voter_id}",
        "a rare word": f"?q={RARE}7",
        "a usual word": f"?q={USUAL[9]}",
        "a common word": f"?q={USUAL[0]}",
        "two words and a contestant": f"?q={USUAL[3]}+{USUAL[30]}&contestant={oldest}",
        "a phrase": f"?q=%22{USUAL[0]}+{USUAL[1]}%22",
    }
    battles = {
        "first page": "",
        "deep page": f"?older={battle.created:%Y-%m-%dT%H:%M:%S.%f}%2B00:00_{battle.pk}",
        "one contestant": f"?contestant={oldest}",
        "a contestant of the first tenth": f"?contestant={newest}",
        "void": "?state=VOID",
        "a failed answer": "?flag=failed",
        "a rare word": f"?q={RARE}7",
        "a common word": f"?q={USUAL[0]}",
    }
    answers = {
        "first page": "",
        "deep page": f"?older={answer.pk}",
        "one contestant": f"?contestant={oldest}",
        "failed": "?state=FAILED",
        "cut off": "?finish=length",
    }
    return {
        **{f"votes, {name}": f"arena/vote/{query}" for name, query in votes.items()},
        **{f"battles, {name}": f"arena/battle/{query}" for name, query in battles.items()},
        **{f"answers, {name}": f"arena/answer/{query}" for name, query in answers.items()},
        "turns, first page": "arena/turn/",
        "tallies, first page": "arena/tally/",
        "changes of standings, first page": "arena/standingchange/",
        "the page of a battle": f"arena/battle/{battle.pk}/change/",
    }


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
