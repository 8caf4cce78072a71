"""The work queue. `core` carries the arena's short tasks, `background` the long ones, and
`model.<weights>` those of model workers."""

import os
import warnings
from typing import Any

from celery import Celery
from celery.exceptions import CPendingDeprecationWarning, SecurityWarning
from celery.signals import (
    before_task_publish,
    task_postrun,
    task_prerun,
    worker_ready,
    worker_shutting_down,
)
from kombu.transport import TRANSPORT_ALIASES

from inference.contract import request_ids, traces

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


@before_task_publish.connect
def pass_on(headers: dict[str, Any], **_: Any) -> None:
    """The id of the request that a task is sent for."""
    if request_id := request_ids.current():
        headers["request_id"] = request_id


@task_prerun.connect
def take_up(task: Any, **_: Any) -> None:
    request_ids.set_current(getattr(task.request, "request_id", ""))
    traces.begin()


@task_postrun.connect
def put_down(task: Any, **_: Any) -> None:
    traces.end(task.name, request_id=request_ids.current())
    request_ids.set_current("")


@worker_ready.connect
def say_ready(sender: Any, **_: Any) -> None:
    from . import heart, tracing
    from .living import begin  # once the apps are loaded

    begin(sender)
    tracing.begin(sender.hostname.partition("@")[0])
    heart.beat()  # from now on silence means that it hangs
    heart.tell_systemd("READY=1")
    print("ready", flush=True)  # the supervisor waits for this line


@worker_shutting_down.connect
def say_goodbye(**_: Any) -> None:
    from .living import end

    end()
