from django.urls import path

from . import pages
from .consumers import BattleConsumer

urlpatterns = [
    path("", pages.home, name="home"),
    path("about/", pages.about, name="about"),
    path("favicon.ico", pages.icon),
    path("healthz", pages.health, name="health"),
    # /battles/
    path("battles/", pages.begin, name="begin"),
    path("battles/<str:public_id>/", pages.battle, name="battle"),
    path("battles/<str:public_id>/turns/", pages.continue_, name="continue"),
    path("battles/<str:public_id>/stop/", pages.stop, name="stop"),
    path("battles/<str:public_id>/vote/", pages.vote, name="vote"),
]

websocket_urlpatterns = [
    path("ws/battles/<str:public_id>/", BattleConsumer.as_asgi()),
]
