import re
from typing import Any

from django.db import migrations
from django.db.models import CheckConstraint, Q
from django.utils.text import slugify

CONTROL = r"[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]"
SLUG = r"^[-a-zA-Z0-9_]+$"
TAKEN = ("method", "snapshots")
FITS = Q(slug__regex=SLUG) & ~Q(slug__in=TAKEN)


def mend(apps: Any, schema_editor: Any) -> None:
    """Slugs that no address can hold took down every page that lists them."""
    for name in ("Campaign", "Contestant"):
        model = apps.get_model("arena", name)
        for row in model.objects.exclude(FITS):
            plain = slugify(row.slug) or name.lower()
            wanted = f"{plain}-votes" if plain in TAKEN else plain
            row.slug = free(model, "slug", wanted, "-")
            row.save(update_fields=["slug"])
        for row in model.objects.filter(name__regex=CONTROL):
            plain = re.sub(f"{CONTROL}+", " ", row.name).strip() or name
            row.name = free(model, "name", plain, " ")
            row.save(update_fields=["name"])


def free(model: Any, field: str, wanted: str, between: str) -> str:
    """`wanted`, or the first like it that nobody has."""
    longest = model._meta.get_field(field).max_length - 8
    found, number = wanted[:longest], 1
    while model._meta.get_field(field).unique and model.objects.filter(**{field: found}).exists():
        number += 1
        found = f"{wanted[:longest]}{between}{number}"
    return found


def plain(name: str) -> list[CheckConstraint]:
    return [
        CheckConstraint(
            condition=FITS,
            name=f"{name}_slug",
            violation_error_message=(
                "Use letters without accents, digits, - and _ in the slug, and neither of the "
                "words method and snapshots alone."
            ),
        ),
        CheckConstraint(
            condition=~Q(name__regex=CONTROL),
            name=f"{name}_name",
            violation_error_message="Take the control characters out of the name.",
        ),
    ]


class Migration(migrations.Migration):
    dependencies = [("arena", "0015_how_prepared_answers_were_made")]

    operations = [
        migrations.RunPython(mend, migrations.RunPython.noop),
        *(
            migrations.AddConstraint(name, constraint)
            for name in ("campaign", "contestant")
            for constraint in plain(name)
        ),
    ]
