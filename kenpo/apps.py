from django.apps import AppConfig


class KenpoConfig(AppConfig):
    name = "kenpo"
    verbose_name = "事務室"
    default_auto_field = "django.db.models.BigAutoField"
