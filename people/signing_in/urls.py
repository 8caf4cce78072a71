"""Only those of allauth's pages that staff need: it has more, for sites with a public sign-up."""

from __future__ import annotations

from allauth.account.views import ReauthenticateView
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.base.views import ReauthenticateView as ReauthenticateByCodeView
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    LoginWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from axes.decorators import axes_dispatch
from django.urls import path, reverse_lazy
from django.views.generic import View

from . import oidc, pages
from .forgotten import Choose
from .pages import for_staff, framed
from .passkeys import Rename

HOME = reverse_lazy("mfa_index")
APP = "Set up an authenticator app"
NO_APP = "Remove the authenticator app?"
CODES = "Recovery codes"
NEW_CODES = "Make new recovery codes?"
PASSKEY = "Add a passkey"
NEW_NAME = "Rename this passkey"
NO_PASSKEY = "Remove this passkey?"
AGAIN = "Confirm that it is you"


def _made(view: type[View], template: str, **more: object) -> pages.View:
    made: pages.View = view.as_view(template_name=f"admin/account/{template}.html", **more)
    return made


_app_off = _made(DeactivateTOTPView, "confirm", success_url=HOME)
_codes_new = _made(GenerateRecoveryCodesView, "confirm")
_passkey_off = _made(RemoveWebAuthnView, "confirm", success_url=HOME)

# /admin/…
urlpatterns = [
    # By allauth's names, as it leads to them.
    path("login/", framed(axes_dispatch(pages.SignIn.as_view()), "Log in"), name="account_login"),
    path(
        "login/second-factor/",
        framed(axes_dispatch(_made(AuthenticateView, "second_factor")), "Second factor"),
        name="mfa_authenticate",
    ),
    path(
        "login/passkey/",
        framed(axes_dispatch(LoginWebAuthnView.as_view()), "Log in"),
        name="mfa_login_webauthn",
    ),
    path(
        "password/<str:uidb64>/<str:token>/",
        axes_dispatch(Choose.as_view()),
        name="password_link",
    ),
    path("login/oidc/", framed(axes_dispatch(oidc.begin), "Log in"), name="oidc_login"),
    path(
        "login/oidc/callback/",
        framed(axes_dispatch(oidc.callback), "Log in"),
        name="oidc_callback",
    ),
    path("account/", for_staff(pages.account, "Your account"), name="mfa_index"),
    path(
        "account/elsewhere/", for_staff(pages.sign_out_elsewhere), name="account_sign_out_elsewhere"
    ),
    path(
        "account/sessions/<int:pk>/end/",
        for_staff(pages.sign_out_there),
        name="account_sign_out_there",
    ),
    path(
        "account/confirm/",
        for_staff(_made(ReauthenticateView, "again"), AGAIN),
        name="account_reauthenticate",
    ),
    path(
        "account/confirm/code/",
        for_staff(_made(ReauthenticateByCodeView, "again"), AGAIN),
        name="mfa_reauthenticate",
    ),
    path(
        "account/confirm/passkey/",
        for_staff(_made(ReauthenticateWebAuthnView, "again"), AGAIN),
        name="mfa_reauthenticate_webauthn",
    ),
    path(
        "account/app/", for_staff(_made(ActivateTOTPView, "app"), APP), name="mfa_activate_totp"
    ),
    path(
        "account/app/remove/",
        for_staff(
            _app_off, NO_APP, button="Remove it", says="Its codes stop working at once."
        ),
        name="mfa_deactivate_totp",
    ),
    path(
        "account/codes/",
        for_staff(_made(ViewRecoveryCodesView, "codes"), CODES),
        name="mfa_view_recovery_codes",
    ),
    path(
        "account/codes/new/",
        for_staff(
            _codes_new, NEW_CODES, button="Make new codes", says="The old ones stop working."
        ),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "account/passkeys/add/",
        for_staff(_made(AddWebAuthnView, "passkey"), PASSKEY),
        name="mfa_add_webauthn",
    ),
    path(
        "account/passkeys/<int:pk>/name/",
        for_staff(_made(Rename, "rename"), NEW_NAME),
        name="mfa_edit_webauthn",
    ),
    path(
        "account/passkeys/<int:pk>/remove/",
        for_staff(
            _passkey_off, NO_PASSKEY, button="Remove it", says="It stops working at once."
        ),
        name="mfa_remove_webauthn",
    ),
]  # fmt: skip
