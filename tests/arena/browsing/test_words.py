"""The words of a battle, which the admin's search reads, are kept by triggers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import product

import pytest
from django.db import connection, transaction

from arena.models import Answer, Battle, BattleWords, Side, Turn

pytestmark = pytest.mark.django_db(transaction=True)
BATTLES = 300
READ = """SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)
    FROM pg_stat_xact_user_tables WHERE relname = 'arena_answer'"""


def rows_read() -> int:
    """Rows of `arena_answer` that this transaction has read."""
    with connection.cursor() as cursor:
        cursor.execute(READ)
        return int(cursor.fetchone()[0])


def gather_statistics() -> None:
    """As autovacuum does at any moment; rows that are not committed yet do not count for it."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE arena_answer, arena_turn")
    connection.close()


def test_statistics_of_an_open_transaction_make_no_answer_slow(battle: Battle) -> None:
    one = {"policy": battle.policy, "selection_probability": 1.0, "campaign": battle.campaign}
    pair = {"contestant_a": battle.contestant_a, "contestant_b": battle.contestant_b}
    revision = Answer.objects.filter(turn__battle=battle)[0].revision
    battles = Battle.objects.bulk_create(
        Battle(voter=battle.voter, **pair, **one) for _ in range(BATTLES)
    )
    turns = Turn.objects.bulk_create(Turn(battle=each, number=1, prompt="Why?") for each in battles)
    many = [
        Answer(turn=turn, side=side, revision=revision, text="Zebulon. " * 60)
        for turn, side in product(turns, Side.values)
    ]
    with transaction.atomic():
        Answer.objects.bulk_create(many[:-1])
        with ThreadPoolExecutor(1) as another:
            another.submit(gather_statistics).result()
        before = rows_read()
        many[-1].save()
        assert rows_read() - before < 10
    assert BattleWords.objects.filter(words="zebulon", battle__in=battles).count() == BATTLES
