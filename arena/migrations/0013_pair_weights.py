import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("arena", "0012_labels_by_models")]

    operations = [
        migrations.CreateModel(
            name="PairWeights",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "weights",
                    models.JSONField(
                        default=dict,
                        help_text="by the contestants' primary keys, lower first, such as “3-7”",
                    ),
                ),
                ("computed", models.DateTimeField(auto_now=True)),
                (
                    "campaign",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pair_weights",
                        to="arena.campaign",
                    ),
                ),
            ],
            options={"verbose_name_plural": "pair weights"},
        ),
    ]
