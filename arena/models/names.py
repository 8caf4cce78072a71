"""Valid names and slugs: the one place that every name enters by, from forms, files, commands and
APIs. List pages link each item by its slug and show its name, so a single bad
value would break the page for everyone: the database itself rejects them."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django.core.validators import RegexValidator
from django.db.models import CharField, CheckConstraint, Q

# Inside the brackets of a regular expression, for Python and PostgreSQL: control characters, line
# separators, bidirectional overrides, and characters not allowed in XML.
CONTROL = r"\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff"
SLUG = r"^[-a-zA-Z0-9_]+$"
NOT_IN_NAMES = re.compile(rf"[\0{CONTROL}\ud800-\udfff]")
REPLACEMENT = "\ufffd"
TAKEN = ("method", "snapshots")  # by other pages at addresses where a campaign's slug could be


PLAIN = RegexValidator(
    NOT_IN_NAMES,
    "Remove the control characters and those that turn the direction of writing.",
    inverse_match=True,
)


def composed(name: str) -> str:
    """In NFC: é is one character, however it was typed, so that equal names are equal."""
    return name if name.isascii() else unicodedata.normalize("NFC", name)


class NameField(CharField):
    """What names something, in one line: kept and looked up in NFC, without control characters."""

    default_validators = [PLAIN]

    def to_python(self, value: Any) -> Any:
        found = super().to_python(value)
        return composed(found) if isinstance(found, str) else found

    def get_prep_value(self, value: Any) -> Any:
        found = super().get_prep_value(value)
        return composed(found) if isinstance(found, str) else found

    def deconstruct(self) -> Any:
        """A column like any other: migrations need not know."""
        name, _path, arguments, options = super().deconstruct()
        return name, "django.db.models.CharField", arguments, options


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
