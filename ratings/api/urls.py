from django.urls import path, re_path

from . import page as api_page
from . import views

urlpatterns = [
    # /api/
    path("", api_page.page, name="api_page"),
    # /api/v1/
    path("v1/", views.description, name="api"),
    path("v1/campaigns/", views.campaigns, name="api_campaigns"),
    # /api/v1/campaigns/<campaign>/
    path("v1/campaigns/<slug:campaign>/ratings/", views.ratings, name="api_ratings"),
    path("v1/campaigns/<slug:campaign>/ratings.csv", views.ratings_csv),
    path("v1/campaigns/<slug:campaign>/ratings.parquet", views.ratings_parquet),
    path("v1/campaigns/<slug:campaign>/slices/", views.slices, name="api_slices"),
    path("v1/campaigns/<slug:campaign>/shares/", views.shares, name="api_shares"),
    path(
        "v1/campaigns/<slug:campaign>/response-times/",
        views.response_times,
        name="api_response_times",
    ),
    path("v1/campaigns/<slug:campaign>/reasons/", views.reasons, name="api_reasons"),
    path("v1/campaigns/<slug:campaign>/checks/", views.checks, name="api_checks"),
    path("v1/campaigns/<slug:campaign>/snapshots/", views.snapshots, name="api_snapshots"),
    path("v1/campaigns/<slug:campaign>/compare/", views.compare, name="api_compare"),
    path("v1/campaigns/<slug:campaign>/choose/", views.choose, name="api_choose"),
    # /api/v1/snapshots/
    path("v1/snapshots/<slug:public_id>/", views.snapshot, name="api_snapshot"),
    re_path(r"[\s\S]+", views.elsewhere),  # line breaks, too
]
