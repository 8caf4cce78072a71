"""A contestant and the request to it name the same service."""

from __future__ import annotations

import pytest

from arena.models import Contestant, Revision
from inference.contract.requests import GenerateRequest, is_remote


@pytest.mark.parametrize(
    ("backend", "variable", "service"),
    [("llama_cpp", "", "w.gguf"), ("openai", "KEY", "remote:KEY"), ("anthropic", "", "remote:")],
)
def test_revision_and_its_request_need_the_same_service(
    backend: str, variable: str, service: str
) -> None:
    revision = Revision(
        contestant=Contestant(pk=1), backend=backend, weights="w.gguf", key_variable=variable
    )
    request = GenerateRequest(
        stream="s", attempt=1, messages=[], weights=revision.weights, endpoint=revision.endpoint
    )
    assert revision.service == request.service == service
    assert is_remote(request.service) is revision.is_remote
