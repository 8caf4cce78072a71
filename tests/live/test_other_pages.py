"""Pages that no other test of this folder visits, checked for accessibility."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Page, expect

from .conftest import shoot
from .site import Site

pytestmark = pytest.mark.browser

PASSWORD = "three-small-boats-at-noon"
PUBLIC = {"status": "/status/", "campaigns": "/campaigns/", "campaign": "/campaigns/arena/"}
STAFF = {
    "admin": "/admin/",
    "admin-campaigns": "/admin/arena/campaign/",
    "admin-import": "/admin/arena/job/import/",
    "admin-exports": "/admin/arena/job/export/1/",
    "admin-publish": "/admin/arena/job/static-copy/1/",
    "staff-status": "/status/",
}


@pytest.fixture
def staff(page: Page, site: Site) -> Iterator[Page]:
    site.rows(
        """INSERT INTO auth_user (username, password, is_superuser, is_staff, is_active,
                                  first_name, last_name, email, date_joined)
           VALUES ('boss', %s, true, true, true, '', '', '', now())""",
        make_password(PASSWORD, hasher="pbkdf2_sha256"),
    )
    page.goto("/admin/")
    page.get_by_label("Username").fill("boss")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    yield page
    site.rows(
        "DELETE FROM django_admin_log; DELETE FROM usersessions_usersession; "
        "UPDATE arena_importchange SET by_id = NULL; UPDATE arena_bulkchange SET by_id = NULL; "
        "UPDATE arena_moderationpolicy SET by_id = NULL; "
        "DELETE FROM auth_user WHERE username = 'boss'"
    )


def assert_sound(page: Page, name: str) -> None:
    """No axe violations, in light and dark, and no wider than a phone."""
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no colours in between
        found = Axe().run(page)
        assert found.violations_count == 0, f"{name}, {scheme}: {found.generate_report()}"
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
    page.set_viewport_size({"width": 1280, "height": 900})


def test_public_pages_are_accessible(page: Page) -> None:
    for name, path in PUBLIC.items():
        page.goto(path)
        shoot(page, name)
        assert_sound(page, name)


def test_pages_of_the_staff_are_accessible(staff: Page) -> None:
    menu = staff.get_by_role("navigation", name="Menu")
    expect(menu.get_by_role("link", name="Campaigns")).to_be_visible()
    for name, path in STAFF.items():
        response = staff.goto(path)
        assert response is not None
        assert response.status == 200, path
        shoot(staff, name)
        assert_sound(staff, name)
