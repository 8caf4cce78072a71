from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("arena", "0056_how_objections_ended")]

    operations = [
        migrations.AlterModelOptions("suspect", options={"verbose_name": "suspected voter"}),
    ]
