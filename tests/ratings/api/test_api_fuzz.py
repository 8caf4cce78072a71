"""Requests made from the API's description, right and wrong ones: each is answered as described."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from arena.models import Campaign
from ratings.api.description import OPENAPI
from ratings.models import Snapshot
from ratings.refreshing import drafts
from tests.fuzz.habits import EXAMPLES

pytestmark = pytest.mark.django_db(transaction=True)
TRIED = EXAMPLES // 10 or 8  # of each operation and mode, each twice
SEED = None if EXAMPLES else 20261129


def check(case: Any) -> None:
    """An empty parameter is taken for none, as forms send it, though no schema says so; and of some
    parameters that are right by themselves there is no board together."""
    case.call_and_validate(
        headers={"Accept-Encoding": "identity"},
        excluded_checks=[negative_data_rejection, positive_data_acceptance],
    )


@pytest.fixture
def published(votes: None, campaign: Campaign) -> str:
    drafts.refresh_all()
    return Snapshot.objects.get(board__slug="overall").public_id


@pytest.mark.parametrize("mode", [*GenerationMode])
def test_any_request_is_answered_as_described(published: str, mode: GenerationMode) -> None:
    schema: Any = schemathesis.openapi.from_dict(OPENAPI)
    schema.app = get_wsgi_application()
    known = {"campaign": "arena", "public_id": published, "a": "ada", "b": "bea"}
    for each in schema.get_all_operations():
        operation = each.ok()

        @seed(SEED)
        @settings(
            max_examples=TRIED, database=None, deadline=None, phases=[Phase.generate],
            suppress_health_check=[*HealthCheck],
        )  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            check(case)
            for parameters in (case.path_parameters, case.query):  # and where there is something
                parameters.update({n: v for n, v in known.items() if n in parameters})
            check(case)

        ask()
