"""Every setting of the insurer, declared once: from here it is checked, stored, worded and shown.

Pure. Source: rules.md §12.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from members.law import certificate_max_years, legacy_card_last_day
from members.policy.codes import ACCEPTED, APPLICATION_GROUNDS, CHANNELS, SHORT_TERM
from members.policy.declaring import (
    choice,
    counts,
    day,
    days,
    days_by_channel,
    flag,
    keys_of,
    number,
    several,
    yearly_day,
)
from members.policy.kinds import Group, Setting

HOME_ONLY = {"establishment": "事業所のない制度では、自宅（home）にしてください。"}


@dataclass(frozen=True, slots=True)
class Policy:
    """All settings in force on a day. Days and months are counts, ``_yen`` and ``_percent`` as named."""

    form: str = choice(
        "postcard",
        {"postcard": "はがき型", "card": "カード型", "a4": "A4判"},
        label="資格確認書の様式",
        group=Group.PAPER,
        help="新しく印刷する資格確認書の大きさです。",
    )
    expiry_scheme: str = choice(
        "years",
        {"years": "発効日から年数", "annual": "毎年決まった日", "fixed": "決まった日の一覧"},
        label="有効期限の決め方",
        group=Group.PAPER,
        help="「発効日から年数」は年数だけ、「毎年決まった日」は年数と月日、「決まった日の一覧」は日付の一覧を使います。",
    )
    expiry_years: int = number(
        certificate_max_years,
        least=1,
        most=certificate_max_years,
        label="有効期間（年）",
        group=Group.PAPER,
        expiry_schemes=("years", "annual"),
        help="1年から{law.certificate_max_years}年まで。法律の上限は{law.certificate_max_years}年です。",
    )
    expiry_day: str = yearly_day(
        "",
        label="一斉更新の期限日",
        group=Group.PAPER,
        expiry_schemes=("annual",),
        needed="毎年決まった日とするときは、一斉更新の期限日を入れてください。",
        help="「毎年決まった日」のときに使います。例 11月30日",
    )
    expiry_dates: tuple[date, ...] = days(
        (),
        label="有効期限の一覧",
        group=Group.PAPER,
        expiry_schemes=("fixed",),
        needed="決まった日の一覧とするときは、有効期限の一覧に日を入れてください。",
        help="「決まった日の一覧」のときに使います。1行に1日ずつ。例 令和10年11月30日",
    )
    minimum_days: int = number(
        0,
        least=0,
        most=1826,
        label="最短の有効日数",
        group=Group.PAPER,
        expiry_schemes=("fixed",),
        help="「決まった日の一覧」のとき、有効期間がこの日数より短くなる期限は使いません。",
    )
    share_on_face: bool = flag(
        True,
        label="負担割合を表面に印字",
        group=Group.SHARE,
        help="「いいえ」のときは、{law.elderly_age}歳以上の方に高齢受給者証を別に交付します。",
    )
    share_review_day: str = yearly_day(
        "",
        label="負担割合の見直し日",
        group=Group.SHARE,
        help="{law.elderly_age}歳以上の方の有効期限を、毎年この日までにします。空欄なら区切りません。例 7月31日",
    )
    accepted_grounds: tuple[str, ...] = several(
        APPLICATION_GROUNDS,
        ACCEPTED,
        label="受け付ける申請の事由",
        group=Group.APPLICATION,
        help="「希望する人すべて」を選ぶと、ほかの事由がなくても受け付けます。",
    )
    recover_on_registration: bool = flag(
        False,
        label="マイナ保険証の登録後に回収",
        group=Group.RECOVERY,
        help="マイナ保険証が使えるようになった方から、資格確認書を返してもらうか。",
    )
    return_days: int = number(
        5,
        least=0,
        most=365,
        label="返納までの日数",
        group=Group.RECOVERY,
        help="届出を受けてから返納の期限までの日数です。",
    )
    notice_scope: str = choice(
        "everyone",
        {"everyone": "全員", "without_certificate": "資格確認書のない人", "registered_only": "利用登録のある人だけ"},
        label="お知らせの対象",
        group=Group.NOTICE,
        help="資格情報のお知らせを作る相手です。",
    )
    notice_unit: str = choice(
        "person",
        {"person": "1人ずつ", "household": "世帯ごと"},
        label="お知らせの単位",
        group=Group.NOTICE,
        help="「世帯ごと」は、家族を1枚の用紙にまとめます。",
    )
    notice_on_share_change: bool = flag(
        True,
        label="負担割合の変更時にお知らせ",
        group=Group.NOTICE,
        help="負担割合が変わったときに、お知らせを作るか。",
    )
    notice_reissue: bool = flag(True, label="お知らせの再交付", group=Group.NOTICE, help="求めに応じてもう一度作るか。")
    last_four_digits: str = choice(
        "never",
        {"never": "印字しない", "first_round": "初回の一斉送付だけ", "always": "常に印字"},
        label="個人番号の下4桁の印字",
        group=Group.NOTICE,
        help="お知らせに個人番号の下4桁を印字するか。",
    )
    certificate_channel: str = choice(
        "establishment",
        CHANNELS,
        label="資格確認書の送付経路",
        group=Group.DISPATCH,
        without_employers=HOME_ONLY,
        help="毎月の資格確認書の送り先です。任意継続と特例退職の方は、いつも自宅です。",
    )
    notice_channel: str = choice(
        "establishment",
        CHANNELS,
        label="お知らせの送付経路",
        group=Group.DISPATCH,
        without_employers=HOME_ONLY,
        help="毎月のお知らせの送り先です。",
    )
    mass_channel: str = choice(
        "establishment",
        CHANNELS,
        label="一斉送付の経路",
        group=Group.DISPATCH,
        without_employers=HOME_ONLY,
        help="初回の一斉送付と一斉更新の送り先です。",
    )
    postal_service: str = choice(
        "recorded",
        {"ordinary": "普通", "recorded": "特定記録", "registered": "簡易書留"},
        label="郵便の種類",
        group=Group.DISPATCH,
        help="普通のときは、引受番号がありません。",
    )
    max_sheets_per_envelope: int = number(
        4,
        least=1,
        most=14,
        label="1封筒の枚数の上限",
        group=Group.DISPATCH,
        help="これを超える世帯は、封筒を分けます。市町村の国民健康保険では、世帯を分けません。",
    )
    max_persons_per_notice: int = number(
        4,
        least=1,
        most=20,
        label="お知らせ1通の人数の上限",
        group=Group.NOTICE,
        after="notice_unit",
        help="「世帯ごと」のとき、1枚に載せる人数です。市町村の国民健康保険では、1枚に入る人数まで載せます。",
    )
    lead_months: int = number(
        0,
        least=0,
        most=24,
        label="更新を早める月数",
        group=Group.PAPER,
        help="期限の切れる何か月前の月に次を交付するか。0は、切れる直前の月です。",
    )
    new_member_issue: str = choice(
        "after_inquiry",
        {"after_inquiry": "照会してから", "short_for_all": "全員に短期で交付"},
        label="新規加入者への交付",
        group=Group.DECISION,
        help="まだファイルに載っていない新規の加入者を、照会するか、先に短期で交付するか。",
    )
    inquiry_business_days: int = number(
        4,
        least=0,
        most=60,
        label="照会の回答を待つ営業日数",
        group=Group.DECISION,
        help="判定日から数えて、この営業日までに回答がなければ職権で交付します。",
    )
    short_term_months: int = number(
        3,
        least=1,
        most=12,
        label="短期の月数",
        group=Group.PAPER,
        help="短期で交付する資格確認書の月数。その月の末日までになります。",
    )
    short_term_grounds: tuple[str, ...] = several(
        ("unsettled", "new_member"),
        SHORT_TERM,
        label="短期とする事由",
        group=Group.PAPER,
        help="選んだ事由で交付する資格確認書は、短期になります。",
    )
    legacy_last_day: date = day(
        legacy_card_last_day,
        label="健康保険証が使える最後の日",
        group=Group.DECISION,
        help="前の健康保険証を使えるとみなす最後の日。法律では{law.cards_end}までです。",
    )
    scheme: str = choice(
        "society",
        {"society": "健康保険（事業所あり）", "municipal": "市町村の国民健康保険（世帯ごと）"},
        label="制度",
        group=Group.SCHEME,
        help="はじめに決めたものから変えられません。市町村の国民健康保険では、書類は世帯ごとに世帯主へ送ります。",
    )
    reminder_days: tuple[int, ...] = counts(
        (14, 30, 60),
        label="回収の督促（日目）",
        group=Group.RECOVERY,
        help="返納の期限から数えた日数を、1行に1つずつ。1行ごとに1回督促します。",
    )
    notice_with_certificate: bool = flag(
        True,
        label="資格確認書にお知らせを同封",
        group=Group.NOTICE,
        after="max_persons_per_notice",
        help="資格確認書を送る人にも、お知らせを入れるか。",
    )
    qr: bool = flag(True, label="QRコードの印字", group=Group.PAPER, help="発行番号だけを入れたコードを印字するか。")
    optional_items: tuple[str, ...] = several(
        (),
        {
            "limit_category": "限度額適用区分",
            "specific_disease": "特定疾病",
            "establishment_name": "事業所名称",
            "address": "住所",
        },
        label="任意の記載事項",
        group=Group.PAPER,
        without_employers={
            "establishment_name": "事業所のない制度では、事業所名称（establishment_name）を印字できません。一覧から除いてください。"
        },
        help="資格確認書に加えて印字する事項です。限度額適用区分と特定疾病は、本人の申出があるときだけ印字します。",
    )
    reissue_fee_yen: int = number(
        0, least=0, most=100_000, label="再交付の手数料（円）", group=Group.APPLICATION, help="0なら無料です。"
    )
    turnaround_days: int = number(
        10,
        least=0,
        most=365,
        label="申請の処理日数の目安",
        group=Group.APPLICATION,
        after="accepted_grounds",
        help="受け付けてから交付するまでの目安の日数です。",
    )
    delivery_days: tuple[int, int] = days_by_channel((10, 3), CHANNELS, label="配達にかかる日数", group=Group.DISPATCH)
    reissue_keeps_expiry: bool = flag(
        True,
        label="再交付で有効期限を引き継ぐ",
        group=Group.PAPER,
        after="short_term_grounds",
        help="なくした・傷んだ資格確認書の再交付で、前と同じ有効期限にするか。",
    )
    gate_unmatched_percent: int = number(
        2,
        least=0,
        most=100,
        label="停止：該当者なしの割合（％）",
        group=Group.GATE,
        help="該当者のない行がこの割合を超えると、その月の判定を止めます。",
    )
    gate_status_change_percent: int = number(
        10,
        least=0,
        most=100,
        label="停止：状態の変化の割合（％）",
        group=Group.GATE,
        help="前月と状態の違う人がこの割合を超えると止めます。",
    )
    gate_issue_points: int = number(
        10,
        least=0,
        most=100,
        label="停止：交付の割合の差（ポイント）",
        group=Group.GATE,
        help="交付する人の割合が前月とこれだけ違うと止めます。",
    )
    gate_registration_drop_points: int = number(
        3,
        least=0,
        most=100,
        label="停止：登録率の低下（ポイント）",
        group=Group.GATE,
        help="利用登録の割合が前月からこれだけ下がると止めます。",
    )

    @property
    def municipal(self) -> bool:
        """Whether cover is by household: no employers, no dependents, everything to the head. Source: rules.md §12."""
        return self.scheme == "municipal"

    def arrives_after_days(self, channel: str) -> int:
        """Days from posting until the paper is in the member's hands, by ``establishment``/``home``."""
        return self.delivery_days[0 if channel == "establishment" else 1]

    def as_json(self) -> dict[str, Any]:
        """Plain values for storage; ``from_json`` reads them back."""
        return {k: _plain(v) for k, v in asdict(self).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return [_plain(v) for v in value] if isinstance(value, tuple) else value


KEYS: Mapping[str, Setting] = keys_of(Policy)
"""Each key with its descriptor, in the order of the handbook."""


def grouped() -> list[tuple[str, list[str]]]:
    """The headings of the page of settings, each with its keys in their order."""
    under: dict[Group, list[str]] = {group: [] for group in Group}
    for key, setting in KEYS.items():
        keys = under[setting.group]
        keys.insert(keys.index(setting.after) + 1 if setting.after else len(keys), key)
    return [(group.value, keys) for group, keys in under.items()]
