"""Valid names and slugs. List pages link each item by its slug and show its name, so a single bad
value would break the page for everyone: the database itself rejects them."""

from __future__ import annotations

import re

from django.db.models import CheckConstraint, Q

# Inside the brackets of a regular expression, for Python and PostgreSQL: control characters, line
# separators, bidirectional overrides, and characters not allowed in XML.
CONTROL = r"\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff"
SLUG = r"^[-a-zA-Z0-9_]+$"
NOT_IN_NAMES = re.compile(rf"[\0{CONTROL}\ud800-\udfff]")
REPLACEMENT = "\ufffd"
TAKEN = ("method", "snapshots")  # by other pages at addresses where a campaign's slug could be


def printable(text: str) -> str:
    """Replace invalid characters in sentences and file names, for terminals, pages and database."""
    return NOT_IN_NAMES.sub(REPLACEMENT, text)


def plain_slug(name: str) -> CheckConstraint:
    return CheckConstraint(
        condition=Q(slug__regex=SLUG) & ~Q(slug__in=TAKEN),
        name=name,
        violation_error_message=(
            "Use letters without accents, digits, - and _ in the slug, and neither of the words "
            f"{' and '.join(TAKEN)} alone."
        ),
    )


def plain_name(name: str) -> CheckConstraint:
    return CheckConstraint(
        condition=~Q(name__regex=f"[{CONTROL}]"),
        name=name,
        violation_error_message="Remove the control characters from the name.",
    )
