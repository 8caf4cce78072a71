from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Votes are cast meanwhile. The statistics say that excluded votes are those with a reason:
    PostgreSQL multiplies the two shares otherwise, and expects a hundredth of the votes."""

    atomic = False

    dependencies = [
        ("arena", "0053_moderation"),
    ]

    operations = [
        AddIndexConcurrently(
            "vote",
            models.Index(
                fields=["battle"],
                include=["standing", "standing_reason"],
                name="votes_left_out",
                condition=~models.Q(standing="COUNTED"),
            ),
        ),
        RemoveIndexConcurrently("vote", "votes_not_counted"),
        migrations.RunSQL(
            "CREATE STATISTICS why_votes_are_left_out (mcv) ON standing, standing_reason "
            "FROM arena_vote",
            "DROP STATISTICS why_votes_are_left_out",
        ),
    ]
