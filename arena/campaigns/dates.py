"""Dates in the admin's forms: in UTC, and said so."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.widgets import AdminSplitDateTime
from django.db.models import Field as DbField
from django.forms import Field as FormField
from django.http import HttpRequest


class LabelledDates(BaseModelAdmin):
    def formfield_for_dbfield(
        self, db_field: DbField[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> FormField | None:
        """Label date and time separately: screen readers read Django's common label for neither."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, AdminSplitDateTime):
            field.label = f"{str(field.label).capitalize()} (UTC)"
            for half, name in zip(field.widget.widgets, ("date", "time"), strict=True):
                half.attrs["aria-label"] = f"{field.label}: {name}"
        return field
