"""Votes so far were taken only once the last turn was complete, so that turn decided."""

from django.db import migrations

LAST = """
UPDATE arena_vote vote SET turn_id = last.id
FROM (SELECT DISTINCT ON (battle_id) battle_id, id
      FROM arena_turn ORDER BY battle_id, number DESC) last
WHERE last.battle_id = vote.battle_id
"""


class Migration(migrations.Migration):

    dependencies = [
        ('arena', '0027_early_and_skipped'),
    ]

    operations = [
        migrations.RunSQL(LAST, migrations.RunSQL.noop),
    ]
