from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import arena.models.shares


class Migration(migrations.Migration):
    dependencies = [("arena", "0034_reasons")]

    operations = [
        migrations.CreateModel(
            name="Share",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "token",
                    models.CharField(
                        default=arena.models.shares.token,
                        editable=False,
                        max_length=32,
                        unique=True,
                    ),
                ),
                ("created", models.DateTimeField(auto_now_add=True)),
                (
                    "vote",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="share",
                        to="arena.vote",
                    ),
                ),
            ],
        ),
    ]
