from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('arena', '0032_consent_versions'),
    ]

    operations = [
        migrations.AddField(
            model_name='voter',
            name='forgotten',
            field=models.DateTimeField(blank=True, editable=False, help_text='when its data were deleted', null=True),
        ),
        migrations.AddIndex(
            model_name='voter',
            index=models.Index(condition=models.Q(('forgotten__isnull', False)), fields=['forgotten'], name='forgotten_voters'),
        ),
    ]
