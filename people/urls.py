from django.urls import path

from .pages import join

urlpatterns = [
    path("invitation/<str:code>/", join, name="invitation"),
]
