from django.urls import path

from . import pages

urlpatterns = [
    # /leaderboard/
    path("", pages.leaderboard, name="leaderboard"),
    path("data.json", pages.data, name="leaderboard_data"),
]
