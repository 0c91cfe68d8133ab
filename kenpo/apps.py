from django.apps import AppConfig


class KenpoConfig(AppConfig):
    name = "kenpo"
    verbose_name = "事務室"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # So that pages hand their work to this office's queue, and whoever takes it there knows how it is done.
        from kenpo import celery as celery
        from kenpo.intake.tables import asked as asked
        from kenpo.month import policy_effect as policy_effect
        from kenpo.month import work as work
        from kenpo.pages import job_results as job_results
