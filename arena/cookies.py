"""Names of cookies. Behind HTTPS they begin with `__Host-`: no other host under the same domain can
set one then, so nobody puts a visitor into somebody else's place."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponse

PREFIX = "__Host-"
# These also count by the names they had before, until the release after this one: a voter stays
# the same, and what was open during the upgrade can be sent.
EARLIER = ("voter", "csrftoken", "language")


def named(name: str, *, https: bool) -> str:
    return PREFIX + name if https else name


def known(cookies: Mapping[str, str]) -> dict[str, str]:
    """With those of the release before; one of this release counts more."""
    earlier = {PREFIX + name: cookies[name] for name in EARLIER if name in cookies}
    return {**earlier, **cookies}


class EarlierNamesMiddleware:
    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.COOKIES = known(request.COOKIES)
        return self.get_response(request)
