from django.apps import AppConfig


class MailingConfig(AppConfig):
    name = "mailing"
    verbose_name = "発送"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # So that the preview of a filing names the envelopes it touches.
        from certificates.requests.filings import outlook
        from mailing.bundling.foresight import OUTLOOK

        outlook.watch(OUTLOOK)
        from mailing import pages as pages
