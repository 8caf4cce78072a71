from django.urls import include, path

from .pages import join

# /admin/…
urlpatterns = [
    path("invitation/<str:code>/", join, name="invitation"),
    path("", include("people.signing_in.urls")),
]
