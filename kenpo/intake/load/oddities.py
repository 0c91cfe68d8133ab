"""What is loaded although it merely looks odd: listed for a clerk, never refused. Source: interfaces.md ``load``."""

from __future__ import annotations

from datetime import date
from typing import Any

from certificates.rules.law import law_on_or_after
from core.calendar import last_day_of_years_sql, wareki
from core.plausible import USUAL_BIRTH
from kenpo.intake.load import findings
from kenpo.intake.load.checks import find
from kenpo.intake.load.findings import Findings
from kenpo.intake.load.linking import HIDDEN

_OUTSIDE_INSURED = """
    SELECT r.line FROM load_row r JOIN load_insured i USING (line) JOIN members_member c ON c.id = i.member_id
    WHERE r.acquired_on < c.acquired_on OR coalesce(r.lost_on, 'infinity') > coalesce(c.lost_on, 'infinity')
"""
_SEVERAL_AT_ONCE = """
    SELECT DISTINCT r.line FROM load_row r JOIN load_target t USING (grp)
    JOIN members_member x ON x.person_id = t.person_id AND x.id <> r.member_id
    WHERE r.acquired_on < coalesce(x.lost_on, 'infinity') AND x.acquired_on < coalesce(r.lost_on, 'infinity')
"""
_OTHER_SYMBOL = """
    SELECT m.line FROM load_member m
    JOIN load_establishment e ON e.insurer_id = m.insurer_id AND e.code = m.establishment_code
    WHERE m.coverage_kind = 'regular' AND e.symbol_key <> '' AND e.symbol_key <> m.symbol_key
"""
_DISAGREEING = """
    SELECT r.line FROM load_row r JOIN load_member m USING (line) JOIN load_target t USING (grp)
    JOIN load_person lp ON lp.person_id = t.person_id AND lp.line <> r.line JOIN load_member last ON last.line = lp.line
    WHERE (m.birth_date, m.sex) <> (last.birth_date, last.sex)
"""
_ONE_NUMBER_TWO_KEYS = """
    SELECT line FROM (SELECT line, person_key, min(person_key) OVER (PARTITION BY grp) AS first
        FROM load_row WHERE person_key IS NOT NULL) marked WHERE person_key <> first
"""


def look_at_members(cursor: Any, odd: Findings, *, remuneration_expected: bool) -> None:
    """Days, covers and persons of members.csv that do not fit together."""
    for column, says, query, parameters in (
        (
            "lost_on",
            "資格喪失日が資格取得日より前です。",
            "SELECT line FROM load_row WHERE lost_on < acquired_on",
            None,
        ),
        (
            "birth_date",
            f"生年月日が{wareki(USUAL_BIRTH)}より前です。",
            "SELECT line FROM load_member WHERE birth_date < %s",
            [USUAL_BIRTH],
        ),
        (
            "acquired_on",
            "資格取得日が生年月日より前です。",
            "SELECT line FROM load_member WHERE acquired_on < birth_date",
            None,
        ),
        ("acquired_on", "被扶養者の資格の期間が、被保険者の期間からはみ出しています。", _OUTSIDE_INSURED, None),
        (
            "standard_monthly_remuneration_yen",
            "被保険者の標準報酬月額がありません。",
            "SELECT line FROM load_member WHERE kind = 'insured' AND standard_monthly_remuneration_yen IS NULL AND %s",
            [remuneration_expected],
        ),
        ("acquired_on", "同じ人の別の資格と期間が重なっています。", _SEVERAL_AT_ONCE, None),
        ("symbol", "事業所の記号と違います。", _OTHER_SYMBOL, None),
        *(
            (
                column,
                "空白か、見えない文字が入っています。ないものとして扱います。",
                f"SELECT line FROM load_member WHERE {column} ~ '{HIDDEN}'",
                None,
            )
            for column in ("symbol", "number")
        ),
        ("person_key", "同じ人の、最後の資格の行と生年月日か性別が違います。", _DISAGREEING, None),
        (
            "person_key",
            "個人番号が同じで person_key の違う行があり、同じ人として取り込みました。",
            _ONE_NUMBER_TWO_KEYS,
            None,
        ),
    ):
        find(cursor, odd, findings.MEMBERS, column, says, query, parameters)


_TOO_LONG = f"""
    SELECT line FROM load_certificate WHERE valid_through > {last_day_of_years_sql("effective_on", "%(years)s")}
"""


def look_at_papers(cursor: Any, odd: Findings, *, on: date) -> None:
    """Days of cards, certificates and deregistrations that cannot be as written."""
    law = law_on_or_after(on)
    years, last_issue = law.certificate_max_years, law.legacy_card_last_issue
    for file, column, says, query, parameters in (
        (
            findings.LEGACY_CARDS,
            "issued_on",
            f"{wareki(last_issue)}より後に交付されたことになっています。",
            "SELECT line FROM load_legacy_card WHERE issued_on > %s",
            [last_issue],
        ),
        (
            findings.LEGACY_CARDS,
            "valid_through",
            "有効期限が交付日より前です。",
            "SELECT line FROM load_legacy_card WHERE valid_through < issued_on",
            None,
        ),
        (findings.CERTIFICATES, "valid_through", f"有効期間が{years}年を超えています。", _TOO_LONG, {"years": years}),
        (
            findings.CERTIFICATES,
            "valid_through",
            "有効期限が発効期日より前です。",
            "SELECT line FROM load_certificate WHERE valid_through < effective_on",
            None,
        ),
        (
            findings.CERTIFICATES,
            "issued_on",
            "交付年月日が今日より後です。",
            "SELECT line FROM load_certificate WHERE issued_on > %s",
            [on],
        ),
        (
            findings.DEREGISTRATIONS,
            "accepted_on",
            "基金の受付日が今日より後です。",
            "SELECT line FROM load_deregistration WHERE accepted_on > %s",
            [on],
        ),
    ):
        find(cursor, odd, file, column, says, query, parameters)
