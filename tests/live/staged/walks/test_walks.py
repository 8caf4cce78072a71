"""Every kind of visitor can do everything."""

from __future__ import annotations

import pytest

from .stage import Stage
from .visitors import Visitor
from .walk import walk

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    # Downloads are asynchronous, as a running arena is; the server of these tests is not.
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume"),
]


def test_visitor_walks_through_all_of_it(visitor: Visitor, stage: Stage) -> None:
    walk(visitor, stage)
