"""Simulated voters as browsers of a running site: its pages, forms and cookies."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg

from .stage import SLUG
from .world import Cast, Shown, Voter

PAGE = f"/campaigns/{SLUG}/"
# What a rigger can tell by style: whose answers these are; and how long both are together.
SHOWN = """
    SELECT split_part(a.slug, '-', 2)::int, split_part(b.slug, '-', 2)::int,
        (SELECT sum(array_length(regexp_split_to_array(answer.text, '\\s+'), 1))
         FROM arena_answer answer JOIN arena_turn turn ON turn.id = answer.turn_id
         WHERE turn.battle_id = battle.id)
    FROM arena_battle battle
    JOIN arena_contestant a ON a.id = battle.contestant_a_id
    JOIN arena_contestant b ON b.id = battle.contestant_b_id
    WHERE battle.public_id = %s
"""
AT = "INSERT INTO rigging_clock VALUES (%s, %s, %s)"
VERDICTS = ("A", "B", "TIE", "BOTH_BAD")


class Line(threading.local):
    """What each thread has of its own: a connection to the site, and one to its database. They are
    closed with `opened`."""

    def __init__(self, url: str, database: str, opened: ExitStack) -> None:
        self.http = opened.enter_context(httpx.Client(base_url=url, timeout=120))
        self.database = opened.enter_context(psycopg.connect(database, autocommit=True))

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        cursor = self.database.execute(query.encode(), parameters)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def line_to(url: str, database: str) -> Iterator[Line]:
    with ExitStack() as opened:
        yield Line(url, database, opened)


@dataclass
class Browser:
    """One voter's, with its cookies, behind an address of its own network."""

    voter: Voter
    line: Line
    cookies: dict[str, str] = field(default_factory=dict)
    votes: dict[str, Cast] = field(default_factory=dict)  # by the battle's public id

    @property
    def address(self) -> str:
        number = int(re.sub(r"\D", "", self.voter.prefix))
        return f"10.{number // 256}.{number % 256}.7"

    def battle(self, at: float, epoch: float) -> None:
        """Begin one, and vote, or leave. `epoch` is what the times of the world count from."""
        if "csrftoken" not in self.cookies:
            self._sent("GET", PAGE)
        begun = self._done("POST", f"{PAGE}battles/")
        battle = begun.headers["location"].split("?")[0].strip("/").split("/")[-1]
        shown = Shown(*map(int, self.line.rows(SHOWN, battle)[0]))
        if (judged := self.voter.judge(shown)) is None:
            self._done("POST", f"/battles/{battle}/skip/")  # else it comes again
            return
        cast_at = at + judged.seconds
        self.line.rows(AT, battle, epoch + float(cast_at), float(judged.seconds))
        verdict = VERDICTS[judged.verdict]
        self._done("POST", f"/battles/{battle}/vote/", verdict=verdict)
        self.votes[battle] = Cast(
            self.voter.name, shown.a, shown.b, judged.verdict, cast_at, judged.seconds, shown.words,
            "", self.voter.prefix, self.voter.is_rigger, self.voter.is_rigged(shown),
        )  # fmt: skip

    def _done(self, method: str, path: str, **form: str) -> httpx.Response:
        response = self._sent(method, path, **form)
        if response.status_code != 302:
            raise RuntimeError(f"{path}: {response.status_code} {response.text[:3000]}")
        return response

    def _sent(self, method: str, path: str, **form: str) -> httpx.Response:
        form["csrfmiddlewaretoken"] = self.cookies.get("csrftoken", "")
        said = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": said, "X-Forwarded-For": self.address}
        data = form if method == "POST" else None
        response = self.line.http.request(method, path, data=data, headers=headers)
        self.cookies |= dict(response.cookies)
        self.line.http.cookies.clear()  # they are this browser's, not the thread's
        return response
