"""Renaming a passkey: several are told apart by their names only."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.mfa.webauthn.forms import EditWebAuthnForm
from allauth.mfa.webauthn.views import EditWebAuthnView
from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator

from ..audit import What, record

LONGEST = 60  # characters, as where it is added


class NameForm(EditWebAuthnForm):
    name = forms.CharField(max_length=LONGEST)


@method_decorator(reauthentication_required(app="allauth.mfa"), name="dispatch")
class Rename(EditWebAuthnView):
    form_class = NameForm
    success_url = reverse_lazy("mfa_index")

    def get_form_class(self) -> type[forms.Form]:
        return NameForm

    def form_valid(self, form: Any) -> HttpResponse:
        before = form.instance.wrap().name
        response: HttpResponse = super().form_valid(form)
        record(self.request, What.RENAMED, f"“{before}”", f"“{form.cleaned_data['name']}”")
        messages.success(self.request, "The passkey has a new name.")
        return response
