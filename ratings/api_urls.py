from django.urls import path

from . import api

urlpatterns = [
    # /api/v1/
    path("", api.description, name="api"),
    path("campaigns/", api.campaigns, name="api_campaigns"),
    path("campaigns/<slug:campaign>/ratings/", api.ratings, name="api_ratings"),
    path("campaigns/<slug:campaign>/ratings.csv", api.ratings_csv),
    path("campaigns/<slug:campaign>/ratings.parquet", api.ratings_parquet),
    path("campaigns/<slug:campaign>/slices/", api.slices, name="api_slices"),
    path("campaigns/<slug:campaign>/snapshots/", api.snapshots, name="api_snapshots"),
    path("campaigns/<slug:campaign>/compare/", api.compare, name="api_compare"),
    path("snapshots/<slug:public_id>/", api.snapshot, name="api_snapshot"),
]
