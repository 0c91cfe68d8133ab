from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    name = "certificates"
    verbose_name = "資格確認書"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from certificates import pages as pages  # registers them with the admin site
