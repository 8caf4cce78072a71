from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("arena", "0061_voters_weighed_again"),
    ]

    operations = [
        AddIndexConcurrently(
            "suspect",
            models.Index(
                fields=["looked"],
                name="suspects_near",
                condition=models.Q(held__isnull=False) | models.Q(score__gte=0.0),
            ),
        ),
    ]
