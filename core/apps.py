from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = "基盤"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from core.web import records as records  # registers its pages with the admin site
