from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("arena.urls")),
    path("leaderboard/", include("ratings.urls")),
    path("api/", include("ratings.api.urls")),
    path("admin/", include("arena.jobs.moved")),
    path("admin/", admin.site.urls),
]
