"""The work queue. `core` carries the arena's tasks, `model.<weights>` those of model workers."""

import os
import warnings
from typing import Any

from celery import Celery
from celery.exceptions import SecurityWarning
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# Boards are small matrices: BLAS threads that wait for a core model workers use cost a second each.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Running as root is supported here, and pickle, the danger meant, is not accepted.
warnings.filterwarnings("ignore", category=SecurityWarning)

app = Celery("evenhand")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def say_ready(**_: Any) -> None:
    print("ready", flush=True)  # the supervisor waits for this line
