"""The page of keys: which there are and who uses them; and the form to enter one."""

from __future__ import annotations

from functools import partial
from typing import Any

import redis
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters

from people import vault

from .. import broker
from ..models import ApiKey
from . import overview
from .delivery import deliver
from .forms import ApiKeyForm

send_soon = partial(transaction.on_commit, deliver)


class ApiKeyAdmin(admin.ModelAdmin):
    form = ApiKeyForm
    actions = None
    delete_confirmation_template = "admin/arena/apikey/delete.html"

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> tuple[str, ...]:
        if obj and not self.has_change_permission(request, obj):
            return ("name", "hosts")
        return ("name", "hosts", "secret")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": "API keys",
            "opts": self.opts,
            "may_add": self.has_add_permission(request) and vault.is_ready(),
            "may_change": self.has_change_permission(request),
            "no_secrets_key": "" if vault.is_ready() else vault.NO_KEY,
            **_look(),
        }
        return TemplateResponse(request, "admin/arena/apikey/page.html", context)

    @method_decorator(sensitive_post_parameters("secret"))
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        if secret := form.cleaned_data["secret"]:
            obj.token = vault.encrypt(secret)
        obj.changed_by = request.user  # type: ignore[assignment]  # nobody anonymous gets here
        super().save_model(request, obj, form, change)
        send_soon()

    def construct_change_message(  # type: ignore[override]  # logs take a sentence, too
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> str:
        """For the audit log: never the key."""
        said = "Key entered. " if form.cleaned_data["secret"] else ""
        return f"{said}It goes only to {', '.join(form.cleaned_data['hosts'])}."

    def delete_model(self, request: HttpRequest, obj: ApiKey) -> None:
        super().delete_model(request, obj)
        send_soon()

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        key = self.get_object(request, object_id)
        stops: dict[str, Any] = {}
        if key is not None:
            try:
                stops = {"line": overview.line_of(key)}
            except broker.AWAY as error:
                stops = {"away": str(broker.away(error))}
        return super().delete_view(request, object_id, {**(extra_context or {}), **stops})


def _look() -> dict[str, Any]:
    try:
        return {"keys": overview.look()}
    except redis.RedisError as error:
        return {"away": str(broker.away(error))}
