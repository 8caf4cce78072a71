from django.urls import path

from . import views

urlpatterns = [
    path("mine/", views.index, name="mine"),
    # /votes/
    path("votes/<slug:public_id>/", views.receipt, name="receipt"),
    path("votes/<slug:public_id>/objections/", views.object_to, name="object"),
]
