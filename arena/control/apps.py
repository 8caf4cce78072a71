from django.contrib.admin.apps import AdminConfig


class ControlRoomConfig(AdminConfig):
    default_site = "arena.control.room.ControlRoom"
