"""The rows of `make bench-admin`: battles of two turns, four of five with a vote."""

from __future__ import annotations

import random
import time
from typing import Any

CONTESTANTS, RETIRED, VOTERS, TEXTS, VOCABULARY = 60, 5, 20_000, 20_000, 6_000
SYLLABLES = ("ba", "do", "ki", "lu", "me", "no", "pa", "ri", "so", "tu", "va", "ze")
RARE = "zyx"  # and a number: a word of five battles in 100,000
USUAL = ["the", "of", *(f"w{a}{b}" for a in SYLLABLES for b in SYLLABLES)]  # commonest first

TEXTS_TABLE = "CREATE TEMP TABLE bench_text (id int PRIMARY KEY, text text)"
# Made without triggers: the words of all battles are computed together afterwards, which is what
# the migration does.
BATTLES = """
INSERT INTO arena_battle (id, public_id, campaign_id, voter_id, contestant_a_id, contestant_b_id,
    selection_probability, policy, state, void_reason, created, skipped)
SELECT i, 'b' || lpad(i::text, 11, '0'), CASE WHEN i %% 5 = 0 THEN %(second)s ELSE %(first)s END,
    %(voter)s + (random() * random() * (%(voters)s - 1))::int, %(contestant)s + a,
    %(contestant)s + (a + 1 + (random() * (among - 2))::int) %% among, 0.01, 'uniform 1',
    CASE WHEN i %% 5 < 4 THEN 'VOTED' WHEN i %% 1000 = 4 THEN 'VOID' ELSE 'OPEN' END, '',
    now() - (%(battles)s - i) * interval '20 seconds', NULL
FROM (
    SELECT i, among, (random() * (among - 1))::int AS a
    FROM generate_series(1, %(battles)s) AS i,
        LATERAL (SELECT CASE WHEN i < %(battles)s / 10 THEN %(all)s ELSE %(active)s END) AS x(among)
) AS drawn
"""
TURNS = """
INSERT INTO arena_turn (id, battle_id, number, prompt, stopped, created)
SELECT 2 * i - 2 + number, i, number, left(said.text, 60), false, battle.created
FROM generate_series(1, %(battles)s) AS i JOIN arena_battle battle ON battle.id = i,
    generate_series(1, 2) AS number
    JOIN LATERAL (SELECT text FROM bench_text WHERE id = (i * 7 + number) %% %(texts)s) said ON true
"""
ANSWERS = """
INSERT INTO arena_answer (id, turn_id, side, revision_id, stream, state, attempt,
    swapped_at_attempt, created, text, finish_reason, error, first_token_s, total_s,
    completion_tokens, thoughts, tokens_per_second, engine, weights_sha256, dispatched)
SELECT 2 * turn.id - 1 + (side = 'B')::int, turn.id, side,
    %(revision)s - %(contestant)s
        + CASE side WHEN 'A' THEN contestant_a_id ELSE contestant_b_id END, gen_random_uuid(),
    CASE WHEN turn.id %% 4000 = 0 THEN 'FAILED' ELSE 'DONE' END, 1, 0, turn.created,
    said.text || %(rare)s || (turn.id %% 20000),
    CASE WHEN turn.id %% 300 = 0 THEN 'length' ELSE 'stop' END, '', 0.4, 4.2, 60, '', 31.5,
    'llama.cpp', '', turn.created
FROM arena_turn turn JOIN arena_battle battle ON battle.id = turn.battle_id,
    unnest(ARRAY['A', 'B']) AS side
    JOIN LATERAL (
        SELECT text FROM bench_text
        WHERE id = (turn.id * 13 + ascii(side) * 101) %% %(texts)s
    ) said ON true
"""
VOTES = """
INSERT INTO arena_vote (battle_id, voter_id, verdict, standing, standing_reason, seconds, turn_id,
    early, words_seen, created)
SELECT id, voter_id, (ARRAY['A', 'B', 'A', 'B', 'TIE', 'BOTH_BAD'])[1 + (random() * 5)::int],
    CASE WHEN id %% 101 = 0 THEN 'EXCLUDED' ELSE 'COUNTED' END,
    CASE WHEN id %% 101 = 0 THEN 'a robot' ELSE '' END, 40, 2 * id, id %% 20 = 1,
    CASE WHEN id %% 20 = 1 THEN 50 END, created + interval '1 minute'
FROM arena_battle WHERE state = 'VOTED' ORDER BY id
"""
LABELS = """
INSERT INTO arena_battlelabels (battle_id, language, categories, length, style, source)
SELECT id,
    CASE WHEN id %% 5000 = 1 THEN 'is' WHEN id %% 10 < 7 THEN 'en' ELSE 'de' END,
    CASE WHEN id %% 1000 = 1 THEN '{creative-writing}' WHEN id %% 5 = 1 THEN '{coding}'
        ELSE '{}' END::varchar[], 'short', '{}', 'rules'
FROM arena_battle WHERE state = 'VOTED'
"""
AROUND = (
    """INSERT INTO arena_objection (vote_id, text, state, answer, created)
    SELECT id, 'It counts.', 'OPEN', '', now() FROM arena_vote WHERE id %% 2000 = 0""",
    """INSERT INTO arena_standingchange (vote_id, before, after, reason, at)
    SELECT id, 'COUNTED', 'EXCLUDED', 'a robot', now() FROM arena_vote
    WHERE standing = 'EXCLUDED'""",
)
WORDS = (
    "ANALYZE arena_battle, arena_turn, arena_answer",
    "DROP INDEX words_of_battles",
    "INSERT INTO arena_battlewords SELECT id, arena_words_of(id) FROM arena_battle",
    "SET maintenance_work_mem = '512MB'",
    "CREATE INDEX words_of_battles ON arena_battlewords USING gin (words)",
)
TABLES = ("battle", "turn", "answer", "vote", "battlelabels", "objection", "standingchange")


def fill(votes: int) -> None:
    """Run inside a process in which Django is set up, on an empty database."""
    from django.db import connection

    names = _names(votes)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET synchronous_commit = off")
        cursor.execute(TEXTS_TABLE)
        with cursor.copy("COPY bench_text FROM STDIN") as copy:
            for row in enumerate(_texts()):
                copy.write_row(row)
        for statement in (BATTLES, TURNS, ANSWERS, VOTES, LABELS, *AROUND):
            _timed(statement, names)
        for statement in WORDS:
            _timed(statement)
        for table in TABLES:
            cursor.execute(
                f"SELECT setval('arena_{table}_id_seq', max(id)) FROM arena_{table}"
                if table != "battlelabels"
                else "SELECT 1"
            )
        cursor.execute("SET session_replication_role = origin")
    _count()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _timed(statement: str, names: dict[str, Any] | None = None) -> None:
    from django.db import connection

    began = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute(statement, names)
    print(f"{time.monotonic() - began:6.1f} s  {' '.join(statement.split())[:60]}", flush=True)


def _names(votes: int) -> dict[str, object]:
    from arena.models import Campaign, Contestant, Revision, Voter

    first = Campaign.live()
    second = Campaign.objects.create(slug="second", name="Second", kind=Campaign.Kind.PREPARED)
    contestants = Contestant.objects.bulk_create(
        Contestant(slug=f"model-{i}", name=f"Model {i}", organisation="Bench", licence="MIT")
        for i in range(CONTESTANTS)
    )
    revisions = Revision.objects.bulk_create(
        Revision(contestant=one, weights="weights") for one in contestants
    )
    voters = Voter.objects.bulk_create(Voter() for _ in range(VOTERS))
    return {
        "first": first.pk, "second": second.pk, "contestant": contestants[0].pk,
        "revision": revisions[0].pk, "voter": voters[0].pk, "voters": VOTERS,
        "all": CONTESTANTS, "active": CONTESTANTS - RETIRED, "texts": TEXTS,
        "battles": votes * 5 // 4, "rare": f" {RARE}",
    }  # fmt: skip


def _texts() -> list[str]:
    """Some 25 words each, the commonest far more often than the others, as in any language."""
    rng = random.Random(0)
    rest = [f"{rng.choice(SYLLABLES)}{rng.choice(SYLLABLES)}{i}" for i in range(VOCABULARY)]
    words = [*USUAL, *rest]
    weights = [1 / (rank + 2) for rank in range(len(words))]
    return [" ".join(rng.choices(words, weights, k=rng.randint(15, 35))) for _ in range(TEXTS)]


def _count() -> None:
    from arena.counting import tallies
    from arena.models import Campaign

    for campaign in Campaign.objects.all():
        tallies.add(campaign.pk, tallies.recounted(campaign.pk))
