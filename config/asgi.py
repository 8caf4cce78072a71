"""One ASGI process type serves pages and live battles."""

import os
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application

from .web_life import lifespan, or_live

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def live_battles() -> AllowedHostsOriginValidator:
    from arena.urls import websocket_urlpatterns  # once the apps are loaded

    return AllowedHostsOriginValidator(URLRouter(websocket_urlpatterns))


pages: Any = get_asgi_application()
application = ProtocolTypeRouter(
    {"http": or_live(pages), "websocket": live_battles(), "lifespan": lifespan}
)
