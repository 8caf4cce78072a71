"""Two models behind APIs that say what a test tells them, in a whole arena, in place of its own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Self

from tests.inference.worker.backends.api_server import api_server

from .site import Site, until
from .volunteer import Volunteer

RETIRE = """UPDATE arena_contestant
            SET state = 'RETIRED', slug = slug || '-' || id, name = name || ' ' || id
            WHERE slug = ANY(%s)"""
ENTER = """WITH entered AS (
               INSERT INTO arena_contestant (slug, name, organisation, licence, access,
                   stands_in_for, state, created)
               VALUES (%s, %s, 'o', 'l', 'OPEN_WEIGHTS', '', 'ACTIVE', now()) RETURNING id)
           INSERT INTO arena_revision (contestant_id, number, backend, weights, weights_sha256,
               quantisation, prompt_format, system_prompt, sampling, stop, max_tokens, url,
               remote_model, key_variable, timeout_s, created)
           SELECT id, 1, 'openai', '', '', '', '', '', '{}', '[]', 400, %s, %s, '', 60, now()
           FROM entered"""


class Paced(tuple[str, ...]):
    """Pieces of an answer that come one by one."""

    pause = 0.0

    @classmethod
    def of(cls, pieces: list[str], pause: float) -> Self:
        paced = cls(pieces)
        paced.pause = pause
        return paced

    def __iter__(self) -> Iterator[str]:
        for piece in super().__iter__():
            time.sleep(self.pause)
            yield piece


@contextmanager
def in_place_of_all(site: Site, **models: Paced) -> Iterator[None]:
    """The given models are the only ones that answer."""
    before = site.rows("SELECT id, state FROM arena_contestant")
    site.rows("UPDATE arena_contestant SET state = 'PAUSED'")
    try:
        with ExitStack() as servers:
            for name, words in models.items():
                server = servers.enter_context(api_server(words=words))
                site.rows(ENTER, f"api-{name}", name, server.url, name)
            yield
    finally:
        for identity, state in before:
            site.rows("UPDATE arena_contestant SET state = %s WHERE id = %s", state, identity)
        # Another test may use the same names.
        site.rows(RETIRE, [f"api-{name}" for name in models])


def begin(volunteer: Volunteer, prompt: str) -> str:
    """A battle, once both models are in service."""

    def attempt() -> str:
        try:
            return volunteer.begin(prompt)
        except AssertionError:
            return ""

    return until(attempt, "both models in service")
