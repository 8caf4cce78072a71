from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("arena", "0016_plain_slugs_and_names"),
    ]

    operations = [
        migrations.AddField(
            model_name="answer",
            name="thought_tokens",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="answer",
            name="thoughts",
            field=models.TextField(
                blank=True,
                db_default="",
                default="",
                help_text="What it thought before; shown after the vote, never asked with again.",
            ),
        ),
        migrations.AddField(
            model_name="preparedanswer",
            name="thought_tokens",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="preparedanswer",
            name="thoughts",
            field=models.TextField(
                blank=True,
                db_default="",
                default="",
                help_text="What it thought before; shown after the vote, never asked with again.",
            ),
        ),
        migrations.AddField(
            model_name="revision",
            name="max_thought_tokens",
            field=models.PositiveIntegerField(
                db_default=2048,
                default=2048,
                help_text="What it may think before its answer, on top of that.",
            ),
        ),
        migrations.AlterField(
            model_name="answer",
            name="completion_tokens",
            field=models.PositiveIntegerField(
                blank=True, help_text="without those of its thoughts", null=True
            ),
        ),
        migrations.AlterField(
            model_name="preparedanswer",
            name="completion_tokens",
            field=models.PositiveIntegerField(
                blank=True, help_text="without those of its thoughts", null=True
            ),
        ),
    ]
