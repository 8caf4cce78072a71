from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("arena", "0055_the_desk")]

    operations = [
        migrations.AlterField(
            "objection",
            "state",
            models.CharField(
                choices=[
                    ("OPEN", "open"),
                    ("UPHELD", "upheld"),
                    ("REFUSED", "refused"),
                    ("ANSWERED", "answered"),
                ],
                default="OPEN",
                max_length=8,
            ),
        ),
    ]
