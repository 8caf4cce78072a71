from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

# The state before each change is that of the event before it.
OLD_STATES = """
    UPDATE arena_registryevent SET old = before.old
    FROM (
        SELECT id, lag(new, 1, '') OVER (PARTITION BY contestant_id ORDER BY id) AS old
        FROM arena_registryevent
    ) AS before
    WHERE before.id = arena_registryevent.id
"""


class Migration(migrations.Migration):

    dependencies = [
        ('arena', '0038_first_pairs_never_count'),
    ]

    operations = [
        migrations.RenameField('registryevent', 'state', 'new'),
        migrations.AlterField(
            model_name='registryevent',
            name='new',
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name='registryevent',
            name='old',
            field=models.CharField(blank=True, default='', max_length=120),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='registryevent',
            name='what',
            field=models.CharField(choices=[('state', 'state'), ('name', 'name'), ('organisation', 'organisation'), ('access', 'access'), ('licence', 'licence'), ('stands_in_for', 'stands in for')], default='state', max_length=13),
        ),
        migrations.AddField(
            model_name='registryevent',
            name='automatic',
            field=models.BooleanField(default=False, help_text='whether the arena did it by itself'),
        ),
        migrations.RunSQL(OLD_STATES, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='registryevent',
            name='contestant',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='arena.contestant'),
        ),
        migrations.AddIndex(
            model_name='registryevent',
            index=models.Index(fields=['contestant', '-id'], name='newest_events'),
        ),
        migrations.AlterField(
            model_name='revision',
            name='contestant',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='revisions', to='arena.contestant'),
        ),
        migrations.AddIndex(
            model_name='answer',
            index=models.Index(fields=['revision', '-created'], name='newest_answers'),
        ),
        migrations.AlterField(
            model_name='answer',
            name='revision',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='arena.revision'),
        ),
        migrations.CreateModel(
            name='Failure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(help_text='for staff only: it may name an address', max_length=300)),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('revision', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='failures', to='arena.revision')),
            ],
            options={
                'ordering': ['pk'],
                'indexes': [models.Index(fields=['revision', '-at'], name='newest_failures'), models.Index(fields=['at'], name='failures_at')],
            },
        ),
    ]
