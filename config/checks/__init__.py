"""Our own system checks: one line each, which says what to do.

`check` and `prepare` look at the settings only. `check --deploy` also asks Valkey, and
`check --deploy --database default` the database. docs/operating.md has the list.
"""

from __future__ import annotations

from django.core.checks import Tags, register

from . import database, deployment, environment

TAG = "evenhand"


def begin() -> None:
    for check in environment.CHECKS:
        register(check, TAG)
    for check in deployment.CHECKS:
        register(check, TAG, deploy=True)
    register(database.tables, TAG, Tags.database, deploy=True)
