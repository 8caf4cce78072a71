from __future__ import annotations

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models

from inference.contract import keys


class ApiKey(models.Model):
    """A key of an API, encrypted (`people.vault`), with the only hosts that it may be sent to."""

    name = models.CharField(
        max_length=80,
        unique=True,
        validators=[
            RegexValidator(
                keys.NAME, "Such as OPENAI_API_KEY; also AWS_BEARER_TOKEN_BEDROCK and HF_TOKEN."
            )
        ],
        help_text="As contestants name it, such as OPENAI_API_KEY.",
    )
    hosts = models.JSONField(default=list)
    token = models.TextField(editable=False)
    created = models.DateTimeField(auto_now_add=True)
    changed = models.DateTimeField(auto_now=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False
    )

    class Meta:
        ordering = ["name"]
        verbose_name = "API key"
        verbose_name_plural = "API keys"

    def __str__(self) -> str:
        return self.name
