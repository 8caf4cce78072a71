"""Headers that tell browsers what pages of this site may do, beside Django's own."""

from __future__ import annotations

from collections.abc import Callable

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase

ADMIN = "/admin/"
# Features that none of our pages uses. Passkeys and the clipboard are not among them.
UNUSED = (
    "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen",
    "geolocation", "gyroscope", "hid", "magnetometer", "microphone", "midi", "payment",
    "picture-in-picture", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
PERMISSIONS = ", ".join(f"{feature}=()" for feature in UNUSED)
# A battle loads some thirty files. The first say nothing about a file, and nobody compares versions
# of one that has another name when it changes.
OF_PAGES = ("Cross-Origin-Opener-Policy", "Permissions-Policy", "Referrer-Policy")
OF_CHANGES = ("ETag", "Last-Modified")
# The admin's date pickers and searches, which are Django's, write HTML with jQuery.
OF_ADMIN = {"require-trusted-types-for": None, "trusted-types": None}


class PolicyMiddleware(CSPMiddleware):
    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if request.path_info.startswith(ADMIN) and not report_only:
            parts.replace = {**(parts.replace or {}), **OF_ADMIN}
        return parts


class HeadersMiddleware:
    """Outermost, so that files and errors have them too."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_echo = request.method == "TRACE"
        response = HttpResponseNotAllowed(["GET"]) if is_echo else self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        for name in _not_needed(request, response):
            response.headers.pop(name, None)
        whose = "cross-origin" if _is_for_others(response) else "same-origin"
        response.headers.setdefault("Cross-Origin-Resource-Policy", whose)
        return response


def _not_needed(request: HttpRequest, response: HttpResponse) -> tuple[str, ...]:
    if response.headers.get("Content-Type", "").startswith("text/html"):
        return ()
    is_immutable = "immutable" in response.headers.get("Cache-Control", "")
    is_asset = request.path_info.startswith(settings.STATIC_URL)
    return OF_PAGES + OF_CHANGES if is_asset and is_immutable else OF_PAGES


def _is_for_others(response: HttpResponse) -> bool:
    """What other sites show: data of the API, pages for frames, and pictures of boards."""
    return (
        response.headers.get("Access-Control-Allow-Origin") == "*"
        or getattr(response, "xframe_options_exempt", False)
        or response.headers.get("Content-Type", "").startswith("image/")
    )
