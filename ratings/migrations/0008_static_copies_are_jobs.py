"""Static copies become jobs; the file that was there last stays, whatever became of the order after
it."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import migrations


def move(apps: Any, schema_editor: Any) -> None:
    jobs = apps.get_model("arena", "Job").objects
    for copy in apps.get_model("ratings", "StaticCopy").objects.select_related("campaign"):
        name = f"{copy.campaign.slug}.zip"
        common = {
            "kind": "static-copy",
            "campaign_id": copy.campaign_id,
            "name": name,
            "asked": {"url": copy.url},
        }
        older = f"published/{copy.campaign.slug}"
        file = Path(settings.VAR) / older / name
        made = []
        if copy.state == "DONE" or file.exists():
            said = f"{copy.pages:,} {'page' if copy.pages == 1 else 'pages'}."
            is_this = copy.state == "DONE"
            size = copy.bytes if is_this or not file.exists() else file.stat().st_size
            made.append(jobs.create(
                **common,
                state="DONE",
                said=[said if is_this else "As it was published before."],
                files=[{"name": name, "bytes": size}],
                kept_in=older,
                ended=copy.changed,
            ))
        if copy.state == "FAILED":
            made.append(jobs.create(**common, state="FAILED", said=[copy.reason], ended=copy.changed))
        elif copy.state != "DONE":
            made.append(jobs.create(**common, state="WAITING"))
        jobs.filter(pk__in=[job.pk for job in made]).update(created=copy.changed)


class Migration(migrations.Migration):

    dependencies = [
        ('arena', '0022_file_jobs'),
        ('ratings', '0007_troubles_and_slow_boards'),
    ]

    operations = [
        migrations.RunPython(move),
        migrations.DeleteModel('StaticCopy'),
    ]
