"""Settings, URLs, processes and embedded servers: the only package that imports all others."""

import os

from . import secret_files

secret_files.read(os.environ)  # before anything else reads the environment

from .celery import app as celery_app  # noqa: E402

__all__ = ["celery_app"]
