from __future__ import annotations

from typing import Any

from django.db import migrations, models

DEMO = "arena-2024-08"


def ask(apps: Any, schema_editor: Any) -> None:
    """What pages asked of every campaign is asked of the one that it is about."""
    campaigns = apps.get_model("arena", "Campaign").objects
    campaigns.filter(slug=DEMO).update(questions="mixtral behind gpt-4, claude")


class Migration(migrations.Migration):
    dependencies = [("arena", "0023_lives_of_answers")]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="questions",
            field=models.TextField(
                blank=True,
                default="",
                help_text="About families of models, one a line, such as “mixtral behind gpt-4, "
                "claude”: does it stand right behind those? The page open against closed says what "
                "the votes say.",
            ),
            preserve_default=False,
        ),
        migrations.RunPython(ask, migrations.RunPython.noop),
    ]
