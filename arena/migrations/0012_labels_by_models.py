from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('arena', '0011_months_of_older_votes'),
    ]

    operations = [
        migrations.AlterField(
            model_name='battlelabels',
            name='source',
            field=models.CharField(help_text='who says so: rules, or a model', max_length=160),
        ),
    ]
