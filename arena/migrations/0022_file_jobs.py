"""Exports become jobs of one kind among others; each keeps its number, so its addresses lead on."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def counted(number: int, one: str) -> str:
    return f"{number:,} {one if number == 1 else one + 's'}"


def describe(apps: Any, schema_editor: Any) -> None:
    for job in apps.get_model("arena", "Job").objects.all():
        job.kind, job.kept_in = "export", f"exports/{job.pk}"
        stem, _, suffix = job.name.rpartition(".")
        job.asked = {"format": job.format, "file": f".{suffix}"}
        if job.state == "DONE":
            job.said = [f"{counted(job.votes, 'vote')}."]
            if job.left_out:
                job.said.append(f"{job.left_out:,} left out for want of consent.")
            job.files = [
                {"name": job.name, "bytes": job.bytes},
                {"name": f"{stem}.README.md", "bytes": None},
            ]
        elif job.state == "FAILED":
            job.said = [job.reason]
        job.save()


class Migration(migrations.Migration):

    dependencies = [
        ('arena', '0021_seconds_answers_had'),
    ]

    operations = [
        migrations.RenameModel('Export', 'Job'),
        migrations.AddField('Job', 'kind', models.CharField(default='export', max_length=20), preserve_default=False),
        migrations.AddField('Job', 'asked', models.JSONField(default=dict, help_text='what was chosen in the form')),
        migrations.AddField('Job', 'attempts', models.PositiveSmallIntegerField(default=0, help_text='begun, by workers that died')),
        migrations.AddField('Job', 'said', models.JSONField(default=list, help_text='sentences: what was done, or why it failed')),
        migrations.AddField('Job', 'files', models.JSONField(default=list, help_text='that can be downloaded: name and bytes')),
        migrations.AddField('Job', 'kept_in', models.CharField(blank=True, default='', help_text='folder of its files, of a job older than this column', max_length=100), preserve_default=False),
        migrations.AddField('Job', 'ended', models.DateTimeField(null=True)),
        migrations.AlterField(
            'Job', 'campaign',
            models.ForeignKey(help_text='none where the job is not about one that exists already', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='jobs', to='arena.campaign'),
        ),
        migrations.AlterField('Job', 'name', models.CharField(help_text="as people see it, mostly a file's", max_length=300)),
        migrations.AlterField('Job', 'state', models.CharField(choices=[('WAITING', 'waiting'), ('RUNNING', 'running'), ('DONE', 'done'), ('FAILED', 'failed')], default='WAITING', max_length=8)),
        migrations.RunPython(describe),
        migrations.RemoveField('Job', 'format'),
        migrations.RemoveField('Job', 'reason'),
        migrations.RemoveField('Job', 'votes'),
        migrations.RemoveField('Job', 'left_out'),
        migrations.RemoveField('Job', 'bytes'),
        migrations.AddIndex('Job', models.Index(fields=['kind', 'campaign', '-id'], name='newest_jobs')),
    ]
