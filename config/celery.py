"""The work queue. `core` carries the arena's short tasks, `background` the long ones, and
`model.<weights>` those of model workers."""

import os
import warnings
from typing import Any

from celery import Celery
from celery.exceptions import CPendingDeprecationWarning, SecurityWarning
from celery.signals import worker_ready, worker_shutting_down
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# Boards are small matrices: BLAS threads that wait for cores used by model workers cost a second.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# The warning is about pickle under root. Running as root is supported, and pickle is not accepted.
warnings.filterwarnings("ignore", category=SecurityWarning)

# We deliberately let tasks run on while the broker is unavailable, and set the option for it.
warnings.filterwarnings("ignore", category=CPendingDeprecationWarning)

# Registered by URL scheme, because the scheme overrides Celery's own transport setting.
TRANSPORT_ALIASES.update(dict.fromkeys(("redis", "rediss"), "config.transport:Transport"))

app = Celery("evenhand", amqp="config.transport:Queues")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def say_ready(sender: Any, **_: Any) -> None:
    from .living import begin  # once the apps are loaded

    begin(sender)
    print("ready", flush=True)  # the supervisor waits for this line


@worker_shutting_down.connect
def say_goodbye(**_: Any) -> None:
    from .living import end

    end()
