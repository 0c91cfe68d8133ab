"""返納のお願い that travels with a replacement: whose paper is asked back in which envelope, and the days it names."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from certificates.models import Recovery
from mailing.models.dispatches import Enclosure


class EnclosedRequest(models.Model):
    """One duty that is asked for beside its replacement; ``active`` is false once the replacement was pulled.

    ``since``: the first day on which the old paper is not to be used; ``until``: by when it is asked back. Both are kept
    as printed, for the duty may be put off later.
    """

    NAMED_WITH = ("enclosure__envelope",)

    enclosure = models.ForeignKey(Enclosure, models.CASCADE, related_name="requests", verbose_name="同封物")
    recovery = models.ForeignKey(Recovery, models.PROTECT, related_name="enclosed", verbose_name="回収")
    since = models.DateField("使えなくなる日")
    until = models.DateField("返す期限")
    active = models.BooleanField("封入中", default=True)

    class Meta:
        verbose_name = "同封した返納のお願い"
        verbose_name_plural = "同封した返納のお願い"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["recovery"], condition=Q(active=True), name="request_enclosed_once")
        ]

    def __str__(self) -> str:
        return str(self.enclosure)
