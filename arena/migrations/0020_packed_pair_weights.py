from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):
    """Pair weights in two bytes each. The old ones go: the next vote has them written anew, and until
    then all pairs are as likely."""

    dependencies = [("arena", "0019_longer_engines")]

    operations = [
        migrations.RunSQL("DELETE FROM arena_pairweights", migrations.RunSQL.noop),
        migrations.RemoveField("pairweights", "weights"),
        migrations.AddField(
            "pairweights",
            "contestants",
            ArrayField(models.BigIntegerField(), default=list, help_text="primary keys"),
            preserve_default=False,
        ),
        migrations.AddField(
            "pairweights",
            "weights",
            models.BinaryField(
                default=b"", help_text="of each with those behind it, two bytes a pair"
            ),
            preserve_default=False,
        ),
    ]
