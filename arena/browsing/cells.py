"""Lists of the admin whose cells can be edited."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class NamedCells(admin.ModelAdmin):
    """Each box has the name of its column, which Django's own cells leave out."""

    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> Any:
        rows: Any = super().get_changelist_formset(request, **kwargs)
        for field in rows.form.base_fields.values():
            field.widget.attrs["aria-label"] = field.label
        return rows
