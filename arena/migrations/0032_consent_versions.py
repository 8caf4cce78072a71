import hashlib

import django.db.models.deletion
from django.db import migrations, models


def hash_wordings(apps, schema_editor):
    """Until now there was one wording at a time, in English."""
    consents = apps.get_model('arena', 'Consent').objects
    for wording in consents.order_by().values_list('wording', flat=True).distinct():
        digest = hashlib.sha256(wording.encode()).hexdigest()
        consents.filter(wording=wording).update(sha256=digest)


class Migration(migrations.Migration):

    dependencies = [
        ('arena', '0031_receipts'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='consent',
            options={'ordering': ['pk']},
        ),
        migrations.AlterField(
            model_name='consent',
            name='voter',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='consents', to='arena.voter'),
        ),
        migrations.AddField(
            model_name='consent',
            name='version',
            field=models.PositiveIntegerField(default=1, help_text='of the wording'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='consent',
            name='language',
            field=models.CharField(default='en', help_text='that it was shown in', max_length=20),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='consent',
            name='sha256',
            field=models.CharField(default='', help_text='of the wording, in UTF-8', max_length=64),
            preserve_default=False,
        ),
        migrations.RunPython(hash_wordings, migrations.RunPython.noop),
        # Otherwise the checks of its foreign keys are pending, and there can be no index.
        migrations.RunSQL('SET CONSTRAINTS ALL IMMEDIATE', migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='consent',
            constraint=models.UniqueConstraint(condition=models.Q(('withdrawn', None)), fields=('voter',), name='consent_given_once'),
        ),
    ]
