"""Make .env, the settings of compose.yaml, with new secrets: `new_settings.py arena.example`.

Standard library only: it runs on a host that has nothing but containers.
"""

import base64
import os
import re
import secrets
import sys
from pathlib import Path

FILE = Path(__file__).parent / ".env"
HOST = r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?"


def main() -> None:
    domain = sys.argv[1] if len(sys.argv) == 2 else ""
    if not re.fullmatch(HOST, domain):
        sys.exit(
            "Name the host that visitors will use: python3 deploy/new_settings.py arena.example"
        )
    try:
        file = os.open(FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        sys.exit(f"{FILE} is there already. New secrets would lock the arena out of its data.")
    with open(file, "w", encoding="ascii") as text:
        text.writelines(f"{name}={value}\n" for name, value in settings(domain).items())
    print(f"{FILE} is made. Keep a copy of it in a safe place; then: docker compose up -d")


def settings(domain: str) -> dict[str, str]:
    passwords = ("POSTGRES_PASSWORD", "VALKEY_OWNER_PASSWORD", "VALKEY_SITE_PASSWORD",
                 "VALKEY_WORKER_PASSWORD", "SECRET_KEY", "WORKER_SECRET")  # fmt: skip
    return {
        "DOMAIN": domain,
        **{name: secrets.token_urlsafe(40) for name in passwords},
        "SECRETS_KEY": base64.urlsafe_b64encode(os.urandom(32)).decode(),
    }


if __name__ == "__main__":
    main()
