"""Numbers for sentences and tables, in the language in use."""

from __future__ import annotations

import math

from django.utils.formats import get_format
from django.utils.translation import gettext, ngettext_lazy

NOUNS = {
    "active model": ngettext_lazy("%(number)s active model", "%(number)s active models", "count"),
    "answer": ngettext_lazy("%(number)s answer", "%(number)s answers", "count"),
    "battle": ngettext_lazy("%(number)s battle", "%(number)s battles", "count"),
    "change": ngettext_lazy("%(number)s change", "%(number)s changes", "count"),
    "model": ngettext_lazy("%(number)s model", "%(number)s models", "count"),
    "token": ngettext_lazy("%(number)s token", "%(number)s tokens", "count"),
    "vote": ngettext_lazy("%(number)s vote", "%(number)s votes", "count"),
    "word": ngettext_lazy("%(number)s word", "%(number)s words", "count"),
}


def counted(number: int, one: str, many: str = "") -> str:
    """`1 vote`, `2,000 votes`; `many` is the plural if it is not `one` with an s. A noun that
    visitors read is one of `NOUNS`; others are English."""
    if one in NOUNS:
        return str(NOUNS[one] % {"count": number, "number": local(f"{number:,}")})
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def local(number: str) -> str:
    """A number as Python writes it, such as 1,234.5, as it is written in the language in use."""
    separators = {",": get_format("THOUSAND_SEPARATOR"), ".": get_format("DECIMAL_SEPARATOR")}
    return number.translate(str.maketrans(separators))


def percent(number: str) -> str:
    """A number as Python writes it, with its sign."""
    return gettext("%(number)s%%") % {"number": local(number)}


def two_digits(number: float) -> str:
    """With two digits that count, and all before the point."""
    digits = 1 - math.floor(math.log10(number)) if number > 0 else 0
    return local(f"{number:,.{min(max(digits, 0), 8)}f}")


def dollars(price: float) -> str:
    """With two digits that are not 0, as prices below a cent are."""
    digits = max(2, 1 - math.floor(math.log10(price))) if 0 < price < 1 else 2
    whole, _point, cents = f"{price:,.{min(digits, 8)}f}".partition(".")
    return gettext("$%(price)s") % {"price": local(f"{whole}.{cents.rstrip('0'):0<2}")}
