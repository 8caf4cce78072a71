from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from inference.contract import keys
from people import vault

from ..models import ApiKey
from . import stored

SHORTEST = 8  # shorter ones would be blotted out of answers as if these quoted them
WRITE_ONLY = "It is encrypted, and never shown again."
WIDER = "Enter the key again: only who knows it may have it sent to further hosts."


class ApiKeyForm(forms.ModelForm):
    """The key itself is only ever written. Whoever does not know it cannot send it elsewhere."""

    hosts = forms.CharField(
        label="Goes only to",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=(
            "One host a line, such as api.example.com or gpu1.internal:8443. A star stands for one "
            "part of a name, as in *.openai.azure.com. Empty: the hosts of the provider, if the "
            "name is one of those that we know."
        ),
    )
    secret = forms.CharField(
        label="Key",
        required=False,
        strip=True,
        max_length=4000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "class": "vTextField"}),
    )

    class Meta:
        model = ApiKey
        fields = ("name", "hosts")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_new = self.instance.pk is None
        self.initial["hosts"] = "\n".join(self.instance.hosts)
        self.fields["secret"].help_text = (
            WRITE_ONLY if is_new else f"Empty: it stays as it is. {WRITE_ONLY}"
        )
        if not is_new and "name" in self.fields:  # which it is not for those who may only look
            self.fields["name"].disabled = True
            self.fields["name"].help_text = "It stays as it is: contestants name it."

    def clean_hosts(self) -> list[str]:
        given = self.cleaned_data["hosts"].replace(",", " ").split()
        try:
            return [*dict.fromkeys(keys.binding(host) for host in given)]
        except ValueError as error:
            raise ValidationError(str(error)) from error

    def clean_secret(self) -> str:
        secret: str = self.cleaned_data["secret"]
        if secret and not keys.is_token(secret):
            raise ValidationError("It has characters that a key cannot have. Copy it again.")
        if secret and len(secret) < SHORTEST:
            raise ValidationError(f"A key has at least {SHORTEST} characters. Copy it again.")
        return secret

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not vault.is_ready():
            raise ValidationError(vault.NO_KEY)
        hosts = data.get("hosts", [])
        if "name" in data and "hosts" in data and not hosts:
            data["hosts"] = hosts = [*keys.PROVIDERS.get(data["name"], ())]
            if not hosts:
                self.add_error("hosts", "Say where it may go: we know no provider of that name.")
        if "secret" in data and not data["secret"] and (why := self._needed(hosts)):
            self.add_error("secret", why)
        return data

    def _needed(self, hosts: list[str]) -> str:
        """Why the key has to be entered, although it may be there; "" if it need not."""
        if self.instance.pk is None:
            return "Enter the key."
        before = ApiKey.objects.get(pk=self.instance.pk)
        if not stored.is_readable(before):
            return f"Enter the key again. {vault.UNREADABLE}"
        return WIDER if set(hosts) - set(before.hosts) else ""
