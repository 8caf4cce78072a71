"""Staff protect their accounts: a passkey of Chromium's own, an app, recovery codes, sessions."""

from __future__ import annotations

import re
import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Browser, Page, expect

from .site import Site
from .test_control_room import looked_at

pytestmark = pytest.mark.browser
PASSWORD = "a long walk by the Elbe"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_account_is_protected(page: Page, site: Site, chromium: Browser) -> None:
    site.rows(
        """INSERT INTO auth_user (username, password, is_superuser, is_staff, is_active,
                                  first_name, last_name, email, date_joined)
           VALUES ('petra', %s, true, true, true, '', '', '', now())""",
        make_password(PASSWORD, hasher="pbkdf2_sha256"),
    )
    home = site.url.replace("127.0.0.1", "localhost")  # a passkey belongs to a name
    give_a_passkey(page)
    log_in(page, home)
    page.get_by_role("link", name="Your account").click()
    looked_at(page, "account-bare")
    codes = add_a_passkey(page)
    set_up_an_app(page)
    log_in_with_the_passkey_alone(page, home)
    log_in_with_password_and_passkey(page)
    elsewhere = chromium.new_page(base_url=home)
    log_in_with_a_recovery_code(elsewhere, home, codes[0])
    sign_out_elsewhere(page, elsewhere)
    remove_the_passkey(page)
    elsewhere.context.close()


def give_a_passkey(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})


def log_in(page: Page, home: str) -> None:
    page.goto(f"{home}/admin/")
    page.get_by_label("Username").fill("petra")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()


def log_out(page: Page) -> None:
    page.get_by_role("button", name="Log out").click()
    page.goto(page.url.split("/admin/")[0] + "/admin/")


def add_a_passkey(page: Page) -> list[str]:
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Password").fill(PASSWORD)
    looked_at(page, "account-again")
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Name").fill("Petra’s laptop")
    looked_at(page, "account-passkey")
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    looked_at(page, "account-codes")
    codes = page.locator("main code").all_inner_texts()
    assert len(codes) == 10
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("Petra’s laptop")).to_be_visible()
    return codes


def set_up_an_app(page: Page) -> None:
    page.get_by_role("link", name="Set up an app").click()
    expect(page.get_by_alt_text("QR code of the key below")).to_be_visible()
    page.get_by_label("Authenticator code").fill("000000")
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_text("Incorrect code.")).to_be_visible()
    looked_at(page, "account-app")
    page.get_by_label("Authenticator code").fill(code_of(page.locator("code.key").inner_text()))
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_text("Your authenticator app is set up.")).to_be_visible()
    looked_at(page, "account-full")


def code_of(key: str) -> str:
    return str(format_hotp_value(hotp_value(key, int(time.time()) // 30)))


def log_in_with_the_passkey_alone(page: Page, home: str) -> None:
    log_out(page)
    looked_at(page, "account-login")
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page.get_by_role("button", name=re.compile("Log out"))).to_be_visible()


def log_in_with_password_and_passkey(page: Page) -> None:
    log_out(page)
    log_in(page, page.url.split("/admin/")[0])
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
    looked_at(page, "account-second-factor")
    page.get_by_role("button", name="Use passkey").click()
    expect(page.get_by_role("button", name=re.compile("Log out"))).to_be_visible()


def log_in_with_a_recovery_code(page: Page, home: str, code: str) -> None:
    log_in(page, home)
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("button", name=re.compile("Log out"))).to_be_visible()


def sign_out_elsewhere(page: Page, elsewhere: Page) -> None:
    page.get_by_role("link", name="Your account").click()
    expect(page.get_by_text("9 unused codes")).to_be_visible()
    page.get_by_role("button", name="Sign out elsewhere").click()
    expect(page.get_by_text("Signed out elsewhere: 1 session.")).to_be_visible()
    elsewhere.goto("/admin/")
    expect(elsewhere.get_by_label("Password")).to_be_visible()


def remove_the_passkey(page: Page) -> None:
    page.get_by_role("link", name="Remove Petra’s laptop").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    looked_at(page, "account-remove")
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("The passkey no longer works.")).to_be_visible()
    expect(page.get_by_text("Petra’s laptop")).to_have_count(0)
