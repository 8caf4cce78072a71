from channels.auth import AuthMiddlewareStack
from django.urls import path

from .contestants.wizard import uploads
from .pages import battles, campaigns, chats, reasons, shares, site
from .streaming.chat import ChatConsumer, TrialConsumer
from .streaming.consumer import BattleConsumer

urlpatterns = [  # pages, in every language
    path("", battles.home, name="home"),
    path("about/", site.about, name="about"),
    path("about/consent/", site.withdraw, name="withdraw"),
    path("status/", site.status, name="status"),
    # /battles/
    path("battles/", battles.begin, name="begin"),
    path("battles/<slug:public_id>/", battles.battle, name="battle"),
    path("battles/<slug:public_id>/turns/", battles.continue_, name="continue"),
    path("battles/<slug:public_id>/stop/", battles.stop, name="stop"),
    path("battles/<slug:public_id>/vote/", battles.vote, name="vote"),
    path("battles/<slug:public_id>/skip/", battles.skip, name="skip"),
    path("battles/<slug:public_id>/reasons/", reasons.reasons, name="reasons"),
    path("battles/<slug:public_id>/share/", shares.share, name="share"),
    path("battles/<slug:public_id>/share/stop/", shares.stop, name="stop_sharing"),
    # /shared/
    path("shared/<slug:token>/", shares.page, name="shared"),
    path("shared/<slug:token>/image.png", shares.picture, name="shared_picture"),
    # /campaigns/
    path("campaigns/", campaigns.index, name="campaigns"),
    path("campaigns/<slug:slug>/", campaigns.page, name="campaign"),
    path("campaigns/<slug:slug>/battles/", campaigns.begin, name="campaign_begin"),
    path("campaigns/<slug:slug>/reveal/", campaigns.reveal, name="campaign_reveal"),
    # /chats/
    path("chats/", chats.index, name="chats"),
    path("chats/<slug:public_id>/", chats.page, name="chat"),
    path("chats/<slug:public_id>/turns/", chats.continue_, name="chat_continue"),
    path("chats/<slug:public_id>/stop/", chats.stop, name="chat_stop"),
]

file_urlpatterns = [
    path("favicon.ico", site.icon),
    path("healthz", site.health, name="health"),
    path("weights/<str:signed>/", uploads.send, name="uploaded_weights"),
]

websocket_urlpatterns = [
    path("ws/battles/<slug:public_id>/", BattleConsumer.as_asgi()),
    path("ws/chats/<slug:public_id>/", ChatConsumer.as_asgi()),
    path("ws/trials/<slug:public_id>/", AuthMiddlewareStack(TrialConsumer.as_asgi())),
]
