"""Settings, URLs, processes and embedded servers: the only package that imports all others."""

from .celery import app as celery_app

__all__ = ["celery_app"]
