from django.urls import path

from . import campaign_pages, pages
from .streaming.consumer import BattleConsumer

urlpatterns = [
    path("", pages.home, name="home"),
    path("about/", pages.about, name="about"),
    path("about/consent/", pages.withdraw, name="withdraw"),
    path("status/", pages.status, name="status"),
    path("favicon.ico", pages.icon),
    path("healthz", pages.health, name="health"),
    # /battles/
    path("battles/", pages.begin, name="begin"),
    path("battles/<slug:public_id>/", pages.battle, name="battle"),
    path("battles/<slug:public_id>/turns/", pages.continue_, name="continue"),
    path("battles/<slug:public_id>/stop/", pages.stop, name="stop"),
    path("battles/<slug:public_id>/vote/", pages.vote, name="vote"),
    # /campaigns/
    path("campaigns/", campaign_pages.index, name="campaigns"),
    path("campaigns/<slug:slug>/", campaign_pages.page, name="campaign"),
    path("campaigns/<slug:slug>/battles/", campaign_pages.begin, name="campaign_begin"),
]

websocket_urlpatterns = [
    path("ws/battles/<slug:public_id>/", BattleConsumer.as_asgi()),
]
