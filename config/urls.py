from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

import arena.urls
import ratings.urls

urlpatterns = [
    # Pages: in English at these addresses, and in other languages below /de/ and so on
    *i18n_patterns(
        path("", include("arena.urls")),
        path("", include("ratings.mine.urls")),
        path("leaderboard/", include("ratings.urls")),
        prefix_default_language=False,
    ),
    # Files, data with their documentation, and the admin have one language, and one address
    path("", include(arena.urls.file_urlpatterns)),
    path("leaderboard/", include(ratings.urls.file_urlpatterns)),
    path("api/", include("ratings.api.urls")),
    path("admin/", include("arena.jobs.moved")),
    path("admin/", include("people.urls")),
    path("admin/", include("ratings.matchmaking.urls")),
    path("admin/", admin.site.urls),
]
