"""One ASGI process type serves pages and live battles."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def live_battles() -> AllowedHostsOriginValidator:
    from arena.urls import websocket_urlpatterns  # once the apps are loaded

    return AllowedHostsOriginValidator(URLRouter(websocket_urlpatterns))


application = ProtocolTypeRouter({"http": get_asgi_application(), "websocket": live_battles()})
