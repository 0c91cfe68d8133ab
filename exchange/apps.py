from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "exchange"
    verbose_name = "支払基金のファイル"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from exchange import pages as pages
        from exchange.profiles import checks  # noqa: F401 - registers them
