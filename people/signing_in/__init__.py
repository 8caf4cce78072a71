"""Signing in: password, second factors, passkeys, sessions. Built on django-allauth's flows, with
pages of our own."""
