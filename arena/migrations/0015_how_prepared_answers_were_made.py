from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("arena", "0014_names_of_key_variables"),
    ]

    operations = [
        migrations.AddField(
            model_name="preparedanswer",
            name="queued_s",
            field=models.FloatField(
                blank=True, help_text="seconds from dispatch to start", null=True
            ),
        ),
        migrations.AddField(
            model_name="preparedanswer",
            name="tokens_per_second",
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="preparedanswer",
            name="weights_sha256",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AlterField(
            model_name="preparedanswer",
            name="engine",
            field=models.CharField(
                blank=True, help_text="what ran it, with version", max_length=60
            ),
        ),
        migrations.AlterField(
            model_name="preparedanswer",
            name="first_token_s",
            field=models.FloatField(blank=True, help_text="seconds from start", null=True),
        ),
        migrations.AlterField(
            model_name="preparedanswer",
            name="total_s",
            field=models.FloatField(blank=True, help_text="seconds from start", null=True),
        ),
    ]
