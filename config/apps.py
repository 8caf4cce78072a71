from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Operation"

    def ready(self) -> None:
        from . import checks

        checks.begin()
