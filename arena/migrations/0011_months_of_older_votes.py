from django.db import migrations

# Votes cast before there were slices count in none but the whole. What tells their language and
# category has to be read from texts, by `label_battles`; their month is known.
COUNT_MONTHS = """
INSERT INTO arena_tally AS tally
    (campaign_id, slice, first_id, second_id, first_wins, second_wins, ties, both_bad)
SELECT campaign_id, slice, least(a, b), greatest(a, b),
    count(*) FILTER (WHERE verdict = CASE WHEN a < b THEN 'A' ELSE 'B' END),
    count(*) FILTER (WHERE verdict = CASE WHEN a < b THEN 'B' ELSE 'A' END),
    count(*) FILTER (WHERE verdict = 'TIE'),
    count(*) FILTER (WHERE verdict = 'BOTH_BAD')
FROM (
    SELECT campaign_id, contestant_a_id AS a, contestant_b_id AS b, verdict,
        'month-' || to_char(vote.created AT TIME ZONE 'UTC', 'YYYY-MM') AS slice
    FROM arena_vote vote
    JOIN arena_battle battle ON battle.id = vote.battle_id
    WHERE standing = 'COUNTED' AND NOT EXISTS (
        SELECT FROM arena_battlelabels labels WHERE labels.battle_id = battle.id
    )
) older
GROUP BY 1, 2, 3, 4
ON CONFLICT (campaign_id, slice, first_id, second_id) DO UPDATE SET
    first_wins = tally.first_wins + excluded.first_wins,
    second_wins = tally.second_wins + excluded.second_wins,
    ties = tally.ties + excluded.ties,
    both_bad = tally.both_bad + excluded.both_bad
"""


class Migration(migrations.Migration):

    dependencies = [
        ('arena', '0010_access_not_known'),
    ]

    operations = [
        migrations.RunSQL(COUNT_MONTHS, migrations.RunSQL.noop),
    ]
