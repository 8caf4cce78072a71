"""An arena with a row of nearly everything, and empty databases on a second server to restore it
to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from arena.models import Battle, Campaign, Reason, Voter
from config.backups import making
from config.embedded.postgres import DATABASE, Postgres
from config.endpoints import database as of_url
from ratings.refreshing import drafts
from tests import database, factories, migrated
from tests.people import examples

VERDICTS = ("A", "B", "A", "TIE", "BOTH_BAD", "A", "B", "A")
NAMES = {"ada": "Ada", "bea": "Béa", "fei": "飞"}
TEXTS = ("C:\\new\\table \\. \\N", "a\ttab\nand\r\nlines", "“quoted”, it's 100%", "用三句话 🐳", "")

Empty = Callable[[], AbstractContextManager[str]]


@pytest.fixture
def arena(
    transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[Battle]]:
    """Voted on and rated; its battles, of which the last one waits for a vote."""
    monkeypatch.setattr(settings, "VAR", tmp_path)
    examples.make()["arena.importedvote"].delete()  # which no tally counts
    campaign = Campaign.live()
    models = [factories.contestant(name, slug=slug) for slug, name in NAMES.items()]
    revisions = {each: factories.revision(each) for each in models}
    voter = Voter.objects.create()
    made = []
    for i in range(25):
        (a, of_a), (b, of_b) = ([*revisions.items()][(i + j) % 3] for j in (0, 1))
        made.append(factories.battle(campaign, a, b, voter=voter))
        text = TEXTS[i % len(TEXTS)]
        factories.turn(made[-1], f"{text}?", {of_a: f"{text} A", of_b: f"{text} B"})
    for i, battle in enumerate(made[:-1]):
        factories.vote(battle, VERDICTS[i % len(VERDICTS)])
    drafts.refresh_all()
    yield made
    Reason.objects.filter(key="brief").delete()  # an example; the usual reasons outlive tests


@pytest.fixture
def backup(arena: list[Battle], tmp_path: Path) -> Path:
    made = tmp_path / "backup.tar.zst"
    making.make(made)
    return made


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A second server, with one migrated database that nobody has used."""
    folder = tmp_path_factory.mktemp("own")
    for above in (folder, *folder.parents[:2]):
        above.chmod(0o755)  # when run as root, PostgreSQL's account needs access
    server = Postgres(folder)
    migrated.copy_to(server.data)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def empty(own_server: Postgres) -> Empty:
    """Inside `with empty()`, a database of that server is the usual one; its address."""
    numbers = count()

    @contextmanager
    def inside() -> Iterator[str]:
        name = f"empty{next(numbers)}"
        with psycopg.connect(own_server._dsn("postgres"), autocommit=True) as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {name}")
            admin.execute(f"CREATE DATABASE {name} TEMPLATE {DATABASE}")
        url = own_server._dsn(name)
        with database.elsewhere(**of_url(url, pool_size=0)):
            yield url

    return inside
