from __future__ import annotations

import tomllib
from pathlib import Path

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

SEEDS = Path(__file__).parent / "seeds" / "suggestions.toml"


def fill(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """So that a new arena has something to offer."""
    suggestion = apps.get_model("arena", "PromptSuggestion")
    suggestion.objects.bulk_create(
        suggestion(language=language, category=category.upper(), order=order, text=text)
        for language, categories in tomllib.loads(SEEDS.read_text(encoding="utf-8")).items()
        for category, texts in categories.items()
        for order, text in enumerate(texts, start=1)
    )


class Migration(migrations.Migration):
    dependencies = [("arena", "0029_chats_with_named_models")]

    operations = [
        migrations.CreateModel(
            name="PromptSuggestion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "text",
                    models.TextField(
                        help_text="Put what visitors should replace into brackets: “Explain [a word] to a child.”"
                    ),
                ),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("WRITING", "Writing"),
                            ("EXPLAINING", "Explaining"),
                            ("REASONING", "Reasoning"),
                            ("CODING", "Coding"),
                            ("EVERYDAY", "Everyday life"),
                            ("KNOWLEDGE", "Languages and knowledge"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        default="en",
                        help_text="Its code, such as en, fr or zh-hans.",
                        max_length=10,
                    ),
                ),
                (
                    "order",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="Within its category."
                    ),
                ),
                (
                    "archived",
                    models.BooleanField(
                        default=False, help_text="Kept, but no longer suggested."
                    ),
                ),
            ],
            options={"ordering": ["language", "category", "order", "pk"]},
        ),
        migrations.AddConstraint(
            model_name="promptsuggestion",
            constraint=models.UniqueConstraint(
                fields=("language", "text"), name="suggestion_once"
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
