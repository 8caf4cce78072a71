"""Signing in at an organisation's own OpenID Connect provider, if the OIDC_ settings name one.

Stricter than allauth by itself: discovery has to be the issuer's own, an ID token has to be signed,
and to answer this very request (nonce), and userinfo has to be about the same person.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jwt
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from jwt import PyJWK, PyJWKSet, PyJWTError
from requests import RequestException

MALFORMED = (KeyError, TypeError, ValueError)  # what a provider can answer that allauth trusts
NAME = "sso"  # in `settings.SOCIALACCOUNT_PROVIDERS`


class Client(OAuth2Client):
    def get_redirect_url(self, authorization_url: str, scope: Any, extra_params: Any) -> str:
        asked = {**extra_params, "nonce": nonce_of(str(self.state))}
        if settings.OIDC_ACR:
            asked["acr_values"] = " ".join(settings.OIDC_ACR)
        return str(super().get_redirect_url(authorization_url, scope, asked))


class Adapter(OpenIDConnectOAuth2Adapter):
    client_class = Client

    @property
    def openid_config(self) -> dict[str, Any]:
        found: dict[str, Any] = super().openid_config
        if found.get("issuer", "").rstrip("/") != settings.OIDC_ISSUER.rstrip("/"):
            raise OAuth2Error(f"{settings.OIDC_ISSUER} describes {found.get('issuer')} instead")
        return found

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        path = reverse("oidc_callback")
        return settings.SITE_URL + path if settings.SITE_URL else request.build_absolute_uri(path)

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        claims = self._claims(app, kwargs["response"])
        if not constant_time_compare(claims.get("nonce", ""), nonce_of(request.GET["state"])):
            raise OAuth2Error("the ID token answers another request (nonce)")
        if settings.OIDC_ACR and claims.get("acr") not in settings.OIDC_ACR:
            raise OAuth2Error(f"acr is {claims.get('acr')!r}, which OIDC_ACR does not name")
        about = self._fetch_user_info(token.token)
        if about.get("sub") != claims["sub"]:
            raise OAuth2Error("userinfo is about somebody else than the ID token")
        said = {"userinfo": {**claims, **about}, "id_token": claims}
        return self.get_provider().sociallogin_from_response(request, said)

    def _claims(self, app: Any, response: dict[str, Any]) -> dict[str, Any]:
        if not response.get("id_token"):
            raise OAuth2Error("there is no ID token")
        with get_adapter().get_requests_session() as session:
            said = session.get(self.openid_config["jwks_uri"])
            said.raise_for_status()
        key = _key_of(response["id_token"], PyJWKSet.from_dict(said.json()).keys)
        claims: dict[str, Any] = jwt.decode(
            response["id_token"], key.key, algorithms=[key.algorithm_name],
            issuer=self.openid_config["issuer"], audience=app.client_id,
            options={"require": ["exp", "iat", "sub"]},
        )  # fmt: skip
        return claims


def _key_of(token: str, keys: Sequence[PyJWK]) -> PyJWK:
    """The one that the token names; a provider with a single key need not name it."""
    name = jwt.get_unverified_header(token).get("kid")
    fit = [
        key
        for key in keys
        if key.public_key_use in (None, "sig") and key.key_type != "oct"
        if name in (None, key.key_id)
    ]
    if len(fit) != 1:
        raise OAuth2Error(f"the provider has {len(fit)} keys named {name}")
    return fit[0]


class Provider(OpenIDConnectProvider):
    oauth2_adapter_class = Adapter
    pkce_enabled_default = True


def nonce_of(state: str) -> str:
    """Of the state, which allauth keeps in the session and takes once."""
    return salted_hmac("people.oidc", state, algorithm="sha256").hexdigest()


def begin(request: HttpRequest) -> HttpResponse:
    return _view(OAuth2LoginView, request)


def callback(request: HttpRequest) -> HttpResponse:
    return _view(OAuth2CallbackView, request)


def _view(view: Any, request: HttpRequest) -> HttpResponse:
    if not settings.OIDC_ISSUER:
        raise Http404
    try:
        response: HttpResponse = view.adapter_view(Adapter(request, NAME))(request)
        return response
    except (RequestException, OAuth2Error, PyJWTError, *MALFORMED) as error:
        try:
            get_adapter().on_authentication_error(request, None, exception=error)
        except ImmediateHttpResponse as refusal:
            refused: HttpResponse = refusal.response
            return refused
        raise
