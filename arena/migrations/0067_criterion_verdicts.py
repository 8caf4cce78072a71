# Apart from 0066: a foreign key locks the votes, and nothing should wait for campaigns meanwhile.

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('arena', '0066_criteria'),
    ]

    operations = [
        migrations.CreateModel(
            name='CriterionVerdict',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('criterion', models.CharField(help_text='as arena.labels.criteria names it', max_length=40)),
                ('verdict', models.CharField(choices=[('A', 'A is better'), ('B', 'B is better'), ('TIE', 'Tie'), ('BOTH_BAD', 'Both are bad')], max_length=8)),
                ('vote', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='criteria', to='arena.vote')),
            ],
            options={
                'ordering': ['vote', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('vote', 'criterion'), name='criterion_of_a_vote_once'), models.CheckConstraint(condition=models.Q(('verdict__in', ['A', 'B', 'TIE', 'BOTH_BAD'])), name='criterion_verdict'), models.CheckConstraint(condition=models.Q(('criterion__regex', '^[-a-z]+$')), name='criterion_key')],
            },
        ),
    ]
