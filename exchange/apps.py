from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "exchange"
    verbose_name = "支払基金のファイル"
    default_auto_field = "django.db.models.BigAutoField"
