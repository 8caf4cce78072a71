from django.urls import path

from . import api
from .pages import api as api_page

urlpatterns = [
    # /api/
    path("", api_page.page, name="api_page"),
    # /api/v1/
    path("v1/", api.description, name="api"),
    path("v1/campaigns/", api.campaigns, name="api_campaigns"),
    # /api/v1/campaigns/<campaign>/
    path("v1/campaigns/<slug:campaign>/ratings/", api.ratings, name="api_ratings"),
    path("v1/campaigns/<slug:campaign>/ratings.csv", api.ratings_csv),
    path("v1/campaigns/<slug:campaign>/ratings.parquet", api.ratings_parquet),
    path("v1/campaigns/<slug:campaign>/slices/", api.slices, name="api_slices"),
    path("v1/campaigns/<slug:campaign>/snapshots/", api.snapshots, name="api_snapshots"),
    path("v1/campaigns/<slug:campaign>/compare/", api.compare, name="api_compare"),
    # /api/v1/snapshots/
    path("v1/snapshots/<slug:public_id>/", api.snapshot, name="api_snapshot"),
    path("<path:path>", api.elsewhere),
]
