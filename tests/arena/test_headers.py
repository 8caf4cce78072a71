"""What every address of the site tells browsers it may do, whatever it answers."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponseBase
from django.templatetags.static import static
from django.test import Client

from arena.models import Campaign
from tests.arena.everything_public import routes as public_routes
from tests.people.routes import routes as admin_routes

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(600)]  # every page

OF_PAGES = ("Cross-Origin-Opener-Policy", "Permissions-Policy", "Referrer-Policy")
EMBEDDED = re.compile(r"/leaderboard/[^/]+/embed/$")
CONVERTER = re.compile(r"\(\?P<\w+>[^)]*\)|<(?:(\w+):)?\w+>")


def addresses() -> list[str]:
    """Of every route one, where mostly nothing is: errors need headers too."""
    patterns = {*public_routes(), *(route.pattern for route in admin_routes())}
    filled = (CONVERTER.sub(lambda kind: "1" if kind[1] == "int" else "x", p) for p in patterns)
    return sorted("/" + one.replace("^", "").replace("$", "") for one in filled)


def complaints(address: str, response: HttpResponseBase) -> list[str]:
    headers, policy = response.headers, response.headers.get("Content-Security-Policy", "")
    is_page = headers.get("Content-Type", "").startswith("text/html")
    is_admin, is_framed = address.startswith("/admin/"), "frame-ancestors *" in policy
    wanted = {
        "default-src 'self'": "default-src 'self'" in policy,
        "no inline code": "unsafe" not in policy,
        "object-src": "object-src 'none'" in policy,
        "base-uri": "base-uri 'none'" in policy,
        "form-action": "form-action 'self'" in policy,
        "frame-ancestors": is_framed == bool(EMBEDDED.search(address)) or "'none'" in policy,
        "X-Frame-Options": is_framed or headers.get("X-Frame-Options") == "DENY",
        "trusted types": is_admin or "require-trusted-types-for 'script'" in policy,
        "nosniff": headers.get("X-Content-Type-Options") == "nosniff",
        "CORP": headers.get("Cross-Origin-Resource-Policy") in ("same-origin", "cross-origin"),
        "policies of pages": not is_page or says_what_pages_may(response),
        "no more than a file needs": is_page or not any(name in headers for name in OF_PAGES),
    }
    return [f"{address}: {what}" for what, is_so in wanted.items() if not is_so]


def says_what_pages_may(response: HttpResponseBase) -> bool:
    return (
        response.headers.get("Referrer-Policy") == "same-origin"
        and response.headers.get("Cross-Origin-Opener-Policy") == "same-origin"
        and "camera=()" in response.headers.get("Permissions-Policy", "")
    )


def test_every_route_has_all_headers(admin_client: Client) -> None:
    found = addresses()
    assert len(found) > 200
    faults = [
        fault
        for client in (Client(), admin_client)
        for address in found
        for fault in complaints(address, client.get(address))
    ]
    assert faults == []


@pytest.mark.parametrize("path", ["css/base.css", "js/line.js", "img/mark.svg"])
def test_files_have_the_headers_that_mean_something_for_them(path: str) -> None:
    response = Client().get(f"/static/{path}")
    assert response.status_code == 200
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cross-Origin-Resource-Policy"] in ("same-origin", "cross-origin")
    assert [name for name in OF_PAGES if name in response.headers] == []
    assert "ETag" in response.headers
    kept = Client().get(static(path))
    assert "immutable" in kept.headers["Cache-Control"]
    assert [name for name in ("ETag", "Last-Modified") if name in kept.headers] == []


def test_only_the_page_for_frames_may_be_framed_and_shown_elsewhere() -> None:
    client, campaign = Client(), Campaign.objects.create(slug="arena", name="Arena")
    framed = client.get(f"/leaderboard/{campaign.slug}/embed/")
    assert "frame-ancestors *" in framed.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in framed.headers
    kinds = {
        "/": "same-origin",
        "/admin/login/": "same-origin",
        f"/leaderboard/{campaign.slug}/embed/": "cross-origin",
        "/api/v1/campaigns/": "cross-origin",
    }
    assert {
        path: client.get(path).headers["Cross-Origin-Resource-Policy"] for path in kinds
    } == kinds


def test_no_route_echoes_what_it_was_sent() -> None:
    client = Client()
    statuses = {client.generic("TRACE", path).status_code for path in addresses()}
    assert statuses == {405}


def test_every_post_of_staff_wants_the_token_of_a_form() -> None:
    """Before it looks whether there is anything at the address."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("boss"))
    statuses = {path: client.post(path).status_code for path in addresses()}
    open_ = {path: status for path, status in statuses.items() if status != 403}
    assert {path for path in open_ if not path.startswith("/api/")} == set()
    assert {*open_.values()} <= {404, 405}  # the API is only read
