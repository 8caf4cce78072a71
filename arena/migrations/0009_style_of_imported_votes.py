import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("arena", "0008_labels_of_imports")]

    operations = [
        migrations.AddField(
            model_name="importedvote",
            name="style",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.PositiveIntegerField(),
                help_text="as that of a battle's labels; null where the file has no answers",
                null=True,
                size=None,
            ),
        ),
    ]
