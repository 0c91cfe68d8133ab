from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "notices"
    verbose_name = "お知らせ"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from notices import pages as pages  # registers them with the admin site
