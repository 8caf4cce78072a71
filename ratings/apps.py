from django.apps import AppConfig
from django.utils.formats import date_format
from django.utils.translation import gettext

from arena.plurals import local

from .charts.language import Language, speak


class RatingsConfig(AppConfig):
    name = "ratings"

    def ready(self) -> None:
        speak(Language(gettext, local, date_format))
