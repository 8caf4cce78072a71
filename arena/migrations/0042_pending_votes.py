from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('arena', '0041_trials_keep_nothing'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='vote',
            index=models.Index(condition=models.Q(('standing', 'PENDING')), fields=['created'], name='votes_pending'),
        ),
    ]
