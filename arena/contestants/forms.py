"""Validates the form of a contestant's revisions."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet

from .entering import objection


class RevisionFormSet(BaseInlineFormSet):
    """The revisions on the contestant's form."""

    def clean(self) -> None:
        super().clean()
        given = [form.instance for form in self.forms if form.instance.pk or form.has_changed()]
        newest = max(given, key=lambda revision: revision.number, default=None)
        if newest is not None and newest.pk is None and (why := objection(newest)):
            raise ValidationError(why)
        prices = (self.instance.input_price, self.instance.output_price)
        if newest is not None and newest.daily_usd is not None and None in prices:
            raise ValidationError(
                "A cap in dollars needs the contestant's input and output prices: without them, "
                "spending cannot be counted."
            )
