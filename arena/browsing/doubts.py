"""Warnings of the admin about names that may be taken for others."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db.models import Model
from django.http import HttpRequest

from ..lookalikes import doubts, shapes


def warn_of_doubts(
    admin: ModelAdmin, request: HttpRequest, obj: Model, fields: Iterable[str]
) -> None:
    for field in fields:
        others = type(obj)._default_manager.exclude(pk=obj.pk).values_list(field, flat=True)
        for doubt in doubts(getattr(obj, field), shapes(others.order_by(field).distinct())):
            admin.message_user(request, f"Saved, but look again: {doubt}", messages.WARNING)
