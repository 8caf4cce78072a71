"""Celery's tasks that are about the whole site."""

from __future__ import annotations

from celery import shared_task

from .backups import job


@shared_task(name="config.back_up")
def back_up() -> None:
    job.order_if_due()
