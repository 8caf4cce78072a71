"""Pages that show a refusal beside what was sent."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ..errors import Refused


def with_refusal(
    request: HttpRequest, template: str, context: dict[str, Any], refusal: Refused | None
) -> HttpResponse:
    """The page, with the refusal's status, and when to try again, if it says so."""
    status = refusal.status if refusal else 200
    response = render(request, template, {**context, "refusal": refusal}, status=status)
    if refusal and refusal.retry_s:
        response["Retry-After"] = str(refusal.retry_s)
    return response
