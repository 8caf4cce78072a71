"""One ASGI process type serves pages and live battles."""

import os
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import WebsocketDenier
from django.core.asgi import get_asgi_application
from django.urls import re_path

from .bodies import bounded
from .giving_back import given_back
from .networks import shared
from .origins import own_origin
from .web_life import lifespan, with_probes

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def live_battles() -> Any:
    from arena.urls import websocket_urlpatterns  # once the apps are loaded

    nowhere = re_path("", WebsocketDenier.as_asgi())  # an address that a stranger made up
    return own_origin(URLRouter([*websocket_urlpatterns, nowhere]))


pages: Any = get_asgi_application()
http = with_probes(bounded(shared(given_back(pages))))
application = ProtocolTypeRouter({"http": http, "websocket": live_battles(), "lifespan": lifespan})
