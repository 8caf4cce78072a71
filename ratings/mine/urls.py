from django.urls import path

from . import data_views, views

urlpatterns = [
    # /mine/
    path("mine/", views.index, name="mine"),
    path("mine/consent/", data_views.consent, name="mine_consent"),
    path("mine/data.json", data_views.download, name="mine_data"),
    path("mine/delete/", data_views.delete, name="mine_delete"),
    path("mine/deleted/", data_views.deleted, name="mine_deleted"),
    path("mine/link/", data_views.link, name="mine_link"),
    path("mine/claim/", data_views.claim, name="mine_claim"),
    # /votes/
    path("votes/<slug:public_id>/", views.receipt, name="receipt"),
    path("votes/<slug:public_id>/objections/", views.object_to, name="object"),
]
