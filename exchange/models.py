"""The fund's files and their rows, and the files of requests for it; what is known of people lies below."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q

from certificates.models import Deregistration, Inquiry
from core.calendar import wareki
from core.choices import TextChoices
from core.models import Clerk
from core.transitions import guards
from exchange.lifecycle import EXCHANGE_FILE, OUTGOING_FILE, STANDING, WAITING
from exchange.rules.codes import Kind, Oddity, RowOutcome, RowReason
from members.models import Insurer, Member, MynaStatus, Person


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
    status = models.CharField("状態", max_length=10, choices=list(EXCHANGE_FILE.states.items()), default="received")
    counts = models.JSONField("件数", default=dict)
    correction = models.BooleanField("訂正", default=False)
    received_by = models.ForeignKey(Clerk, models.PROTECT, null=True, related_name="+", verbose_name="受け付けた担当者")
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
                condition=Q(kind="monthly", status__in=STANDING, correction=False),
                name="one_monthly_file",
            ),
            models.UniqueConstraint(
                fields=["insurer", "as_of"],
                condition=Q(kind="monthly", status="applied"),
                name="one_applied_monthly_file",
            ),
            models.UniqueConstraint(
                fields=["insurer", "as_of"],
                condition=Q(status__in=WAITING, correction=True),
                name="one_waiting_correction",
            ),
        ]
        triggers = guards(EXCHANGE_FILE)

    @property
    def waiting_correction(self) -> bool:
        """Whether it corrects a month and a second clerk has not accepted it yet."""
        return self.correction and self.status in WAITING

    @property
    def outcomes(self) -> dict[str, int]:
        """Rows by outcome, as they were counted when they were read, matched and applied."""
        told = self.counts
        taken = told.get("applied", 0) + told.get("unchanged", 0)
        found = {each.value: told.get(each.value, 0) for each in RowOutcome}
        if "matched" in told:
            found[RowOutcome.STAGED.value] = told["matched"] - taken
        return {outcome: rows for outcome, rows in found.items() if rows}

    def __str__(self) -> str:
        return f"ファイル {self.pk}"


class ExchangeRow(models.Model):
    """One row of a file, verbatim with its search keys, and what became of it.

    Its links are neither indexed nor checked one by one by PostgreSQL: a million deferred checks each
    month would cost more than the month, and a person's rows are found through ``MynaStatus`` (file
    and line). On a row in conflict or rejected, member and person say whom it names, not that it was taken.
    """

    file = models.ForeignKey(
        ExchangeFile, models.CASCADE, related_name="rows", verbose_name="ファイル", db_index=False, db_constraint=False
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
        Member, models.PROTECT, null=True, related_name="+", verbose_name="加入者", db_index=False, db_constraint=False
    )
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", verbose_name="人", db_index=False, db_constraint=False
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


class OutgoingFile(models.Model):
    """A file of requests that the office hands to the fund once; a sealed copy stays here."""

    lifecycle = OUTGOING_FILE

    class Kind(TextChoices):
        DEREGISTRATION = "deregistration", "利用登録解除"
        INQUIRY = "inquiry", "個別照会"

    insurer = models.ForeignKey(Insurer, models.PROTECT, related_name="outgoing_files", verbose_name="保険者")
    kind = models.CharField("種類", max_length=16, choices=Kind.choices)
    profile = models.CharField("形式", max_length=60)
    created_on = models.DateField("作成日")
    number = models.PositiveIntegerField("その日の番号")
    row_count = models.PositiveIntegerField("件数")
    control_total = models.BigIntegerField("照合用の合計")
    sha256 = models.CharField("SHA-256", max_length=64, unique=True)
    path = models.CharField("保管場所", max_length=200, editable=False)
    sent_on = models.DateField("基金へ渡した日", null=True, blank=True)
    accepted_on = models.DateField("基金の受付日", null=True, blank=True)
    status = models.CharField("状態", max_length=14, choices=list(OUTGOING_FILE.states.items()), default="made")
    made_by = models.ForeignKey(Clerk, models.PROTECT, null=True, related_name="+", verbose_name="作成者")

    class Meta:
        verbose_name = "基金への依頼ファイル"
        verbose_name_plural = "基金への依頼ファイル"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["insurer", "kind", "created_on", "number"], name="outgoing_file_number")
        ]
        triggers = guards(OUTGOING_FILE)

    def __str__(self) -> str:
        return f"依頼ファイル {self.pk}"

    @property
    def name(self) -> str:
        """The name under which it is handed over: kind, insurer, day and number only."""
        return f"{self.kind}-{self.insurer.number}-{self.created_on:%Y%m%d}-{self.number:02d}.csv"


class OutgoingRow(models.Model):
    """One request on one line of a file. ``released``: its file was cancelled, so another may carry the request."""

    file = models.ForeignKey(OutgoingFile, models.PROTECT, related_name="rows", verbose_name="依頼ファイル")
    line_no = models.PositiveIntegerField("行")
    member = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name="加入者")
    deregistration = models.ForeignKey(
        Deregistration, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="利用登録解除"
    )
    inquiry = models.ForeignKey(
        Inquiry, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="個別照会"
    )
    refusal = models.TextField("基金が受け付けなかった理由", blank=True)
    released = models.BooleanField("ファイルの取消しで外れた", default=False)

    class Meta:
        verbose_name = "依頼ファイルの行"
        verbose_name_plural = "依頼ファイルの行"
        ordering = ["file", "line_no"]
        constraints = [
            models.UniqueConstraint(fields=["file", "line_no"], name="outgoing_row_line"),
            models.UniqueConstraint(
                fields=["deregistration"], condition=Q(released=False), name="outgoing_deregistration_once"
            ),
            models.UniqueConstraint(fields=["inquiry"], condition=Q(released=False), name="outgoing_inquiry_once"),
            models.CheckConstraint(
                condition=Q(deregistration__isnull=False, inquiry__isnull=True)
                | Q(deregistration__isnull=True, inquiry__isnull=False),
                name="outgoing_row_of_one_request",
            ),
        ]

    def __str__(self) -> str:
        return f"依頼ファイル {self.file_id} の {self.line_no}行目"


class CorrectionChange(models.Model):
    """Whom a corrected file changes, from what to what; kept with the file from its receipt on.

    ``was_state`` is empty where nothing was known of the person.
    """

    NAMED_WITH = ("person",)

    file = models.ForeignKey(ExchangeFile, models.CASCADE, related_name="changes", verbose_name="訂正のファイル")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+", verbose_name="人")
    was_state = models.CharField("前の状態", max_length=16, choices=MynaStatus.State.choices, blank=True)
    was_registered_on = models.DateField("前の利用登録日", null=True, blank=True)
    was_expires_on = models.DateField("前の電子証明書有効期限", null=True, blank=True)
    now_state = models.CharField("訂正後の状態", max_length=16, choices=MynaStatus.State.choices)
    now_registered_on = models.DateField("訂正後の利用登録日", null=True, blank=True)
    now_expires_on = models.DateField("訂正後の電子証明書有効期限", null=True, blank=True)

    class Meta:
        verbose_name = "訂正で変わる人"
        verbose_name_plural = "訂正で変わる人"
        ordering = ["file", "id"]
        constraints = [models.UniqueConstraint(fields=["file", "person"], name="correction_change_once")]

    def __str__(self) -> str:
        return f"{self.person}"

    @property
    def was(self) -> str:
        """What was said before, in words."""
        return _state_words(self.get_was_state_display(), self.was_registered_on, self.was_expires_on)

    @property
    def now(self) -> str:
        """What the correction says, in words."""
        return _state_words(self.get_now_state_display(), self.now_registered_on, self.now_expires_on)


def _state_words(state: str, registered_on: date | None, expires_on: date | None) -> str:
    days = [
        f"{label}{wareki(day)}"
        for label, day in (("登録日 ", registered_on), ("電子証明書の有効期限 ", expires_on))
        if day is not None
    ]
    return (state or "情報なし") + (f"（{'、'.join(days)}）" if days else "")
