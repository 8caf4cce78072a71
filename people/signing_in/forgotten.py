"""A link with which somebody who forgot their password chooses a new one. An owner makes it, or
whoever runs the server; the arena sends no mail.

It works for a day, once, and no longer once the person has signed in or has another password.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import HttpResponse
from django.urls import reverse, reverse_lazy
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from ..audit import What, record


def path_for(user: User) -> str:
    """A new link. Older ones work on: they are for the same, and end together."""
    who = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("password_link", args=[who, default_token_generator.make_token(user)])


class Choose(PasswordResetConfirmView):
    template_name = "admin/account/forgotten.html"
    success_url = reverse_lazy("account_login")
    reset_url_token = "new"  # in place of the token, so that no referrer has it
    title = "Choose a new password"

    def get_user(self, uidb64: str) -> User | None:
        user = super().get_user(uidb64)
        return user if isinstance(user, User) and user.is_active else None

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        record(self.request, What.NEW_PASSWORD, f"user {form.user.pk} ({form.user})")
        messages.success(self.request, "Your new password is set. Log in with it.")
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = {**admin.site.each_context(self.request), "title": self.title}
        return {**super().get_context_data(**kwargs), **own}
