from django.contrib import admin
from django.urls import path

from .page import page

urlpatterns = [
    path(
        "arena/campaign/<int:pk>/matchmaking/",
        admin.site.admin_view(page),
        name="campaign_matchmaking",
    ),
]
