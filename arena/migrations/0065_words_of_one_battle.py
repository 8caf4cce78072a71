"""The words of a battle are read from its own turns, whatever the statistics of the tables say.

Gathered while a great transaction was still open, they say that `arena_answer` is long and has no
row: PostgreSQL then read all of it for each row that was written, and a bulk of 4,000 never ended.
`OFFSET 0` keeps it from beginning with the answers.
"""

from django.db import migrations

WORDS = r"""
CREATE OR REPLACE FUNCTION arena_words_of(wanted bigint) RETURNS tsvector LANGUAGE sql STABLE AS $$
    SELECT to_tsvector('simple', CASE WHEN octet_length(whole) = length(whole) THEN whole
        ELSE regexp_replace(whole, '([\u0E00-\u0EFF\u3040-\u30FF\u3400-\u4DBF\u4E00-\u9FFF])',
            ' \1 ', 'g') END)
    FROM (SELECT left(coalesce(string_agg(said, E'\n'), ''), 150000) AS whole
    FROM (
        SELECT left(prompt, 20000) AS said FROM arena_turn WHERE battle_id = wanted
        UNION ALL
        SELECT left(text, 20000) FROM arena_turn CROSS JOIN LATERAL (
            SELECT text FROM arena_answer WHERE turn_id = arena_turn.id OFFSET 0
        ) AS answers WHERE battle_id = wanted
    ) AS texts) AS joined
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("arena", "0064_dated_prices")]

    operations = [migrations.RunSQL(WORDS, migrations.RunSQL.noop)]
