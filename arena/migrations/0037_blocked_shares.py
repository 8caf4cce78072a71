from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("arena", "0036_first_pairs")]

    operations = [
        migrations.AddField(
            model_name="share",
            name="blocked",
            field=models.BooleanField(
                default=False,
                help_text="By staff: the link is dead, and its voter can't make another.",
            ),
        ),
    ]
