from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("arena", "0068_checked_answers")]

    operations = [
        migrations.AddField(
            model_name="importedvote",
            name="criteria",
            field=models.TextField(
                db_default="", help_text="what was said by criterion, as accurate:A clear:TIE"
            ),
        ),
    ]
