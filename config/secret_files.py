"""Secrets in files, as Docker, Podman, Kubernetes and systemd hand them over: `SECRET_KEY_FILE`
names a file that holds what `SECRET_KEY` would."""

from __future__ import annotations

from collections.abc import MutableMapping
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

SUFFIX = "_FILE"
SECRETS = {
    "DATABASE_URL", "REDIS_URL", "SECRET_KEY", "SECRETS_KEY", "WORKER_SECRET",
    "METRICS_TOKEN", "OIDC_CLIENT_SECRET", "MODERATION_KEY", "HF_TOKEN", "AWS_BEARER_TOKEN_BEDROCK",
    "OTEL_EXPORTER_OTLP_HEADERS",
}  # fmt: skip
API_KEY = "_API_KEY"  # how the variables of APIs' keys end


def read(environment: MutableMapping[str, str]) -> None:
    """Put what the files hold in place of their names. Child processes then inherit the values.

    Raises ImproperlyConfigured for a file that cannot be read and for a secret given twice.
    """
    for variable in sorted(environment):
        name = variable.removesuffix(SUFFIX)
        if variable == name or not (name in SECRETS or name.endswith(API_KEY)):
            continue
        if environment.get(name):
            raise ImproperlyConfigured(f"{name} and {variable} are both set; keep one of them.")
        environment[name] = _content(variable, Path(environment.pop(variable)))


def _content(variable: str, file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        why = error.strerror
    except UnicodeDecodeError:
        why = "it is no text"
    raise ImproperlyConfigured(f"{variable} names {file}, which can't be read: {why}.")
