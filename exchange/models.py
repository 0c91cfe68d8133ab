"""The fund's files and their rows, as received; what is known of people lies one floor below."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.models import Clerk
from core.transitions import guards
from exchange.codes import Kind, Oddity, RowOutcome, RowReason
from exchange.lifecycle import EXCHANGE_FILE, STANDING
from members.models import Insurer, Member, Person


class ExchangeFile(models.Model):
    """One file of the fund, stored sealed. Insurer, kind and day are unknown until its header is read."""

    lifecycle = EXCHANGE_FILE

    insurer = models.ForeignKey(
        Insurer, models.PROTECT, null=True, related_name="exchange_files", verbose_name="保険者"
    )
    kind = models.CharField("種類", max_length=8, blank=True, choices=Kind.choices())
    profile = models.CharField("形式", max_length=60)
    as_of = models.DateField("基準日", null=True)
    created_on = models.DateField("作成日", null=True)
    sha256 = models.CharField("SHA-256", max_length=64, unique=True)
    path = models.CharField("保管場所", max_length=200, editable=False)
    row_count = models.PositiveIntegerField("行数", null=True)
    status = models.CharField(
        "状態", max_length=10, choices=list(EXCHANGE_FILE.states.items()), default="received"
    )
    counts = models.JSONField("件数", default=dict)
    received_by = models.ForeignKey(
        Clerk, models.PROTECT, null=True, related_name="+", verbose_name="受け付けた担当者"
    )
    received_at = models.DateTimeField("受付日時", auto_now_add=True)
    message = models.TextField("受け付けない理由", blank=True)

    class Meta:
        verbose_name = "基金のファイル"
        verbose_name_plural = "基金のファイル"
        ordering = ["-id"]
        indexes = [models.Index(fields=["kind", "as_of", "status"], name="exchange_file_month")]
        constraints = [
            models.UniqueConstraint(
                fields=["insurer", "as_of"],
                condition=Q(kind="monthly", status__in=STANDING),
                name="one_monthly_file",
            )
        ]
        triggers = guards(EXCHANGE_FILE)

    def __str__(self) -> str:
        return f"ファイル {self.pk}"


class ExchangeRow(models.Model):
    """One row of a file, verbatim with its search keys, and what became of it.

    Its links are neither indexed nor checked one by one by PostgreSQL: a million deferred checks each
    month would cost more than the month, and a person's rows are found through ``MynaStatus`` (file
    and line). On a row in conflict or rejected, member and person say whom it names, not that it was taken.
    """

    file = models.ForeignKey(
        ExchangeFile,
        models.CASCADE,
        related_name="rows",
        verbose_name="ファイル",
        db_index=False,
        db_constraint=False,
    )
    line_no = models.IntegerField("行")
    symbol = models.CharField("記号", max_length=40, blank=True)
    number = models.CharField("番号", max_length=40, blank=True)
    branch_number = models.CharField("枝番", max_length=10, blank=True)
    symbol_key = models.CharField(max_length=120, blank=True, editable=False)
    number_key = models.CharField(max_length=120, blank=True, editable=False)
    branch_key = models.CharField(max_length=30, blank=True, editable=False)
    name_kana = models.CharField("フリガナ", max_length=200, blank=True)
    name_kana_key = models.CharField(max_length=200, blank=True, editable=False)
    birth_date = models.DateField("生年月日", null=True)
    sex = models.CharField("性別", max_length=1, blank=True, choices=Person.Sex.choices)
    registered = models.BooleanField("利用登録", null=True)
    registered_on = models.DateField("利用登録日", null=True)
    e_certificate_expires_on = models.DateField("電子証明書有効期限", null=True)
    returned = models.BooleanField("返納", null=True)
    returned_on = models.DateField("返納日", null=True)
    outcome = models.CharField("結果", max_length=10, choices=RowOutcome.choices(), default="staged")
    reason = models.CharField("理由", max_length=16, blank=True, choices=RowReason.choices())
    column = models.CharField("項目", max_length=40, blank=True)
    odd = models.CharField("気になる点", max_length=32, blank=True, choices=Oddity.choices())
    member = models.ForeignKey(
        Member,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="加入者",
        db_index=False,
        db_constraint=False,
    )
    person = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="人",
        db_index=False,
        db_constraint=False,
    )

    class Meta:
        verbose_name = "ファイルの行"
        verbose_name_plural = "ファイルの行"
        ordering = ["file", "line_no"]
        indexes = [
            # The queues of rows not taken. Outcome is in no index, so that applying rewrites rows in place.
            models.Index(fields=["file", "line_no"], name="exchange_row_queue", condition=~Q(reason="")),
            models.Index(fields=["file", "line_no"], name="exchange_row_odd", condition=~Q(odd="")),
        ]
        constraints = [models.UniqueConstraint(fields=["file", "line_no"], name="exchange_row_line")]

    def __str__(self) -> str:
        return f"ファイル {self.file_id} の {self.line_no}行目"

    @property
    def message(self) -> str:
        """What is wrong with the row, in Japanese; empty when nothing is."""
        if not self.reason:
            return ""
        said = self.get_reason_display()
        return f"「{self.column}」: {said}" if self.column else said
