from django.urls import path

from .pages import battles, campaigns
from .streaming.consumer import BattleConsumer

urlpatterns = [
    path("", battles.home, name="home"),
    path("about/", battles.about, name="about"),
    path("about/consent/", battles.withdraw, name="withdraw"),
    path("status/", battles.status, name="status"),
    path("favicon.ico", battles.icon),
    path("healthz", battles.health, name="health"),
    # /battles/
    path("battles/", battles.begin, name="begin"),
    path("battles/<slug:public_id>/", battles.battle, name="battle"),
    path("battles/<slug:public_id>/turns/", battles.continue_, name="continue"),
    path("battles/<slug:public_id>/stop/", battles.stop, name="stop"),
    path("battles/<slug:public_id>/vote/", battles.vote, name="vote"),
    # /campaigns/
    path("campaigns/", campaigns.index, name="campaigns"),
    path("campaigns/<slug:slug>/", campaigns.page, name="campaign"),
    path("campaigns/<slug:slug>/battles/", campaigns.begin, name="campaign_begin"),
]

websocket_urlpatterns = [
    path("ws/battles/<slug:public_id>/", BattleConsumer.as_asgi()),
]
