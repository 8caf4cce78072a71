from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ratings', '0005_style_control'),
    ]

    operations = [
        migrations.AddField(
            model_name='staticcopy',
            name='url',
            field=models.URLField(blank=True, help_text='where the folder will be', verbose_name='address'),
        ),
    ]
