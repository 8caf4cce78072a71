from django.db import migrations

# Until now each vote told who wrote its answers: its voter knows these texts.
TOLD = """
UPDATE arena_judgement judgement SET revealed = vote.created
FROM arena_vote vote WHERE vote.battle_id = judgement.battle_id
"""
GOES_ON = "UPDATE arena_campaign SET reveals = 'EACH_VOTE' WHERE kind = 'PREPARED'"


class Migration(migrations.Migration):
    """Campaigns that exist go on as they began; a new one tells at the end of a voter's share."""

    dependencies = [
        ("arena", "0058_reveals"),
    ]

    operations = [
        migrations.RunSQL(TOLD, migrations.RunSQL.noop),
        migrations.RunSQL(GOES_ON, migrations.RunSQL.noop),
    ]
