"""The Japanese of what the office records in codes: verbs, steps, jobs, counts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from typing import Any

from django.apps import apps
from django.db import models

from core.calendar import wareki, wareki_month
from core.naming import Names, Reference, names_of

NOT_KNOWN = "予期しない失敗です。管理者に次の名前を伝えてください："

# Verbs of the log that belong to no transition.
_VERBS = {
    "open": "発生",
    "put_off": "返納期限を延ばす",
    "propose": "提案する",
    "receive": "受け付ける",
    "assemble": "封入計画を作る",
    "draft": "作成する",
    "load": "取り込む",
    "pull": "引き抜く",
    "confirm": "引抜きを確かめる",
    "accept": "申請を認める",
    "rule": "個別に判定する",
    "remind": "督促する",
    "take_back_request": "返納のお願いを取り下げる",
    "request": "返納をお願いする",
    "turn_up": "返ってきた（終わった証）",
    "letter": "文書を印刷する",
    "make": "基金への依頼ファイルを作る",
    "hand_over": "基金へ渡す",
    "take_back": "基金への依頼を取り消す",
    "show_page": "印刷したとおりに見る",
    "track": "引受番号を記録する",
    "untrack": "引受番号を取り消す",
    "deliver": "配達済みとする",
    "undeliver": "配達の記録を取り消す",
    "come_back": "返戻を受ける",
    "resolve": "返戻に対応する",
    "receive_paper": "用紙を受け入れる",
    "move_paper": "用紙の受払を記録する",
    "export": "印刷会社へ書き出す",
    "announce": "配付予定一覧を作る",
    "record_form": "印字する字形を記録する",
    "confirm_text": "文字が登録のとおりで正しいと記録する",
    "call": "電話の対応を記録する",
    "open_file": "印刷ファイルを開く",
    "impose": "A4に面付けする",
    "take_table": "表を取り込む",
    "export_table": "表を書き出す",
    "daily": "毎日の処理を行う",
    "take": "担当する",
    "let_go": "担当を外す",
    "assign": "担当を替える",
}
_STEPS = {
    "stage": "読込み",
    "match": "加入者との突合",
    "gates": "前月との比較",
    "apply": "反映",
    "decide": "判定",
    "propose": "承認に回す",
    "print": "印刷",
    "prove": "照合",
}
_JOBS = {
    "month": "月次判定",
    "receive": "ファイルの受付",
    "load": "台帳の取込み",
    "draft_notices": "お知らせの作成",
    "draft_first_round": "お知らせの初回の一斉作成",
    "assemble": "封入計画",
    "assemble_day": "封入計画（月次の外）",
    "print": "印刷",
    "print_dispatch": "印刷",
    "prove": "照合",
    "prove_dispatch": "照合",
    "impose_cards": "A4への面付け",
    "approve": "承認",
    "print_month": "印刷と照合",
    "daily": "毎日の処理",
    "simulate": "運用設定の試算",
    "survey": "一覧の数え直し",
    "remind": "督促",
    "request": "返納のお願い",
    "table_check": "表の確認",
    "table_take": "表の取込み",
}
_KEYS = {
    "to": "状態",
    "reason": "理由",
    "run": "月次判定",
    "file": "ファイル",
    "files": "ファイル",
    "counts": "件数",
    "sha256": "ハッシュ",
    "month": "月",
    "status": "状態",
    "rows": "行",
    "staged": "読込済み",
    "applied": "反映した",
    "unchanged": "変化なし",
    "rejected": "読めない行",
    "unmatched": "該当者なし",
    "conflict": "食い違い",
    "missing": "載っていない人",
    "decisions": "判定",
    "outcomes": "判定の内訳",
    "issue": "交付する",
    "wait": "待つ",
    "review": "要確認",
    "not_needed": "交付不要",
    "not_covered": "対象外",
    "certificates": "資格確認書",
    "recoveries": "回収",
    "notices": "お知らせ",
    "dispatch": "発送",
    "dispatches": "発送",
    "envelopes": "封筒",
    "enclosures": "同封物",
    "documents": "書類",
    "pages": "ページ",
    "sheets": "枚",
    "pulled": "引抜き",
    "taken_out": "印刷前に外した分",
    "sent": "発送済み",
    "held": "保留",
    "odd": "気になる点",
    "establishments": "事業所",
    "members": "加入者",
    "persons": "人",
    "person": "人",
    "proved": "照合済み",
    "printed": "印刷済み",
    "decided": "判定済み",
    "planned": "計画",
    "channel": "送付経路",
    "line": "行",
    "column": "項目",
    "legacy_cards": "健康保険証",
    "deregistrations": "利用登録解除",
    "created": "新規",
    "updated": "更新",
    "code": "コード",
    "added": "新規",
    "others_changed": "ほかの変更",
    "covers": "配付対象者一覧",
    "addresses": "宛名",
    "running_out": "有効期限の月ごとの件数",
    "registered": "利用登録あり",
    "double": "重複",
    "missing_glyph": "印刷できない文字",
    "protected": "送付先確認中",
    "matched": "突合済み",
    "elderly": "高齢受給者証",
    "with": "同じ用紙のお知らせ",
    "enclosed": "同封物",
    "bundles": "束",
    "left": "残り",
    "application": "申請",
    "decision": "判定",
    "filing": "届出",
    "ruling": "個別判定",
    "request": "もとの記録",
    "clerk": "担当者",
    "kind": "種類",
    "outcome": "判定",
    "cause": "事由",
    "items": "不備の項目",
    "step": "回",
    "letter": "文書",
    "number": "文書番号",
    "reasons": "理由",
    "voided": "無効",
    "superseded": "差替え",
    "envelope": "封筒",
    "resend": "再送の封筒",
    "handed_to": "渡した相手",
    "resolution": "対応",
    "reprint": "再印刷",
    "movement": "区分",
    "via": "受付方法",
    "deregistration": "利用登録解除",
    "outgoing_file": "依頼ファイル",
    "eligibilitycertificate": "資格確認書",
    "elderly_certificates": "高齢受給者証",
    "certificate": "資格確認書",
    "notice": "お知らせ",
    "papers": "書類",
    "papers_per_envelope": "封筒の内訳",
    "differences": "違い",
    "listed": "違う場所",
    "format": "形式",
    "on": "日",
    "holds": "封入していない書類",
    "caught_up": "その前に順に行った日数",
    "late": "日があいた知らせ",
    "filings": "反映した届出",
    "deregistrations_done": "確認した利用登録解除",
    "settled": "決まった判定",
    "issued": "交付する",
    "open": "まだ決まらない判定",
    "inquiries_closed": "終えた個別照会",
    "news": "基金の知らせによる判定",
    "ahead": "これから変わる表面",
    "shares_ahead": "これから変わる負担割合",
    "shares_changed": "差し替える負担割合",
    "applications_done": "交付済みの申請",
    "ended": "期限で終えたもの",
    "returned_mail_closed": "終えた返戻",
    "tables_removed": "消した預かり中の表",
    "leftovers_removed": "消した書きかけのファイル",
    "gaps": "使える手段がない人",
    "gaps_waiting": "手段がない人の内訳",
    "unprintable": "印刷できない字がある人",
    "damaged": "文字化けかもしれない登録",
    "overlaps": "資格の期間が重なる人",
    "approval": "承認待ち",
    "delivery": "配達待ち",
    "returned": "返戻中",
    "address": "送付先確認中",
    "inquiry": "照会中",
    "found": "見つかった件数",
    "cards": "カード",
    "front": "表のずれの補正（ミリ）",
    "back": "裏のずれの補正（ミリ）",
    "hashes": "ハッシュ",
}
# Codes of the upper floors by the key they stand under: told by those who know them (``learn``).
_CODES: dict[str, dict[str, str]] = {}
# The record a ruling was asked under; what follows tells several rulings under one record apart.
_REQUEST = re.compile(r"([a-z]+):(\d+)(?::[\d-]+)?")
_LETTER_FILE = re.compile(r"(?:[a-z_]+-)+([\d-]+)\.pdf")
_PRINTED = re.compile(r"([a-z_]+)-(\d+)\.pdf")
_DAY = re.compile(r"(\d{4})-(0[1-9]|1[0-2])(?:-(\d\d))?")
_SHA256 = re.compile(r"\b([0-9a-f]{8})[0-9a-f]{56}\b")


def learn(key: str, words: Mapping[str, str]) -> None:
    """Takes in the Japanese of the codes that an upper floor records under ``key``."""
    _CODES.setdefault(key, {}).update((str(code), str(text)) for code, text in words.items())


def code_title(key: str, code: str) -> str:
    """The Japanese of a code recorded under ``key``; the code itself where nobody told it."""
    return _CODES.get(key, {}).get(code, code)


def event_subject(label: str) -> tuple[str, type[models.Model] | None]:
    """The Japanese name of a document's kind and its model; the label itself when it no longer exists."""
    try:
        model = apps.get_model(label)
    except (LookupError, ValueError):
        return label, None
    return str(model._meta.verbose_name), model


def verb_title(subject: str, verb: str) -> str:
    """What was done, in the words of the document's lifecycle."""
    lifecycle = getattr(event_subject(subject)[1], "lifecycle", None)
    if lifecycle is not None and verb in lifecycle.by_verb:
        return str(lifecycle.by_verb[verb].label)
    return _VERBS.get(verb, verb)


def job_title(key: str, names: Names | None = None) -> str:
    """A job's key in words: its kind, then what it was about; of a clerk's own table only the kind.

    ``names``: of the records that the keys name (``job_reference``), where they are at hand.
    """
    kind, *about = re.split(r"[ :]", key)
    if kind.startswith("table_"):
        return _JOBS[kind]
    if (reference := job_reference(key)) is not None:
        names = names_of([reference]) if names is None else names
        return " ".join(filter(None, (_JOBS[kind], names.get(reference))))
    return " ".join([_JOBS.get(kind, kind), *map(_about, about)])


def _record_said(reference: Reference, key: str, names: Names) -> str:
    """A record by its name; of one that is named under another word than its own, its kind as well."""
    name, kind = names.get(reference), event_subject(reference[0])[0]
    if name is None:
        return kind
    return name if _RECORDS.get(key) == reference[0] else f"{kind}（{name}）"


def _about(part: str) -> str:
    """A month or a day in 和暦, a file's fingerprint cut short, anything else as it stands."""
    if found := _DAY.fullmatch(part):
        with suppress(ValueError):  # looks like a day and is none: a clerk's own words
            day = date(*(int(number or 1) for number in found.groups()))
            return wareki(day) if found[3] else wareki_month(day)
    return _SHA256.sub(r"\1…", _KEYS.get(part, part))


def step_title(step: str) -> str:
    """A job's step in words; while printing it is the file that is being drawn."""
    if file := _PRINTED.fullmatch(step):
        return f"{_KEYS.get(file[1], 'ファイル')}のPDF {int(file[2])}"
    return _STEPS.get(step, step)


# Under these keys stand ids: which kind of record they name.
_RECORDS = {
    "run": "certificates.Run",
    "file": "exchange.ExchangeFile",
    "files": "exchange.ExchangeFile",
    "dispatch": "mailing.Dispatch",
    "dispatches": "mailing.Dispatch",
    "application": "certificates.Application",
    "decision": "certificates.Decision",
    "filing": "certificates.Filing",
    "ruling": "certificates.Ruling",
    "deregistration": "certificates.Deregistration",
    "outgoing_file": "exchange.OutgoingFile",
    "eligibilitycertificate": "certificates.EligibilityCertificate",
    "person": "members.Person",
    "with": "notices.EligibilityNotice",
}
_REQUESTS = {**_RECORDS, "share": "certificates.EligibilityCertificate"}
# What a job is about, where its key ends with an id.
_JOB_RECORDS = {
    **dict.fromkeys(("approve", "assemble", "print_month"), "certificates.Run"),
    **dict.fromkeys(("print_dispatch", "prove_dispatch", "impose_cards"), "mailing.Dispatch"),
    "simulate": "members.PolicyDraft",
}


def references(values: Mapping[str, Any]) -> Iterator[Reference]:
    """The records that recorded values name by id."""
    for key, value in values.items():
        for each in value if isinstance(value, list) else [value]:
            if (reference := _reference(key, each)) is not None:
                yield reference


def _reference(key: str, value: Any) -> Reference | None:
    if isinstance(value, str) and (found := _REQUEST.fullmatch(value)) and found[1] in _REQUESTS:
        return _REQUESTS[found[1]], int(found[2])
    known = key in _RECORDS and isinstance(value, int) and not isinstance(value, bool)
    return (_RECORDS[key], value) if known else None


def job_reference(key: str) -> Reference | None:
    """The record that a job is about, where its key ends with an id."""
    kind, *about = re.split(r"[ :]", key)
    return (_JOB_RECORDS[kind], int(about[0])) if kind in _JOB_RECORDS and about[0].isdecimal() else None


Lines = Callable[[Mapping[str, Any]], Iterable[str]]
_RESULTS: dict[str, Lines] = {}


def tell_results(words: Mapping[str, Lines]) -> None:
    """Takes in, by kind of job, what says its outcome in labelled sentences."""
    _RESULTS.update(words)


def job_results(key: str, outcome: Mapping[str, Any]) -> list[str]:
    """What the job of that key did, a sentence each; nothing where it counted nothing."""
    kind = re.split(r"[ :]", key)[0]
    return list(_RESULTS[kind](outcome)) if kind in _RESULTS else []


def worded(values: Mapping[str, Any], subject: str = "", names: Names | None = None) -> str:
    """Recorded values on one line, each with its Japanese name.

    ``names``: of the records that they name by id (``references``), where they are at hand.
    """
    names = names_of(references(values)) if names is None else names
    lifecycle = getattr(event_subject(subject)[1], "lifecycle", None) if subject else None
    states: Mapping[str, str] = lifecycle.states if lifecycle else {}
    return "、".join(
        f"{_KEYS.get(key, key)}：{_value(states.get(value, value) if key == 'to' else value, key, names)}"
        for key, value in values.items()
        if value not in (None, "", [], {})
    )


def _value(value: Any, key: str, names: Names) -> str:
    if (reference := _reference(key, value)) is not None:
        return _record_said(reference, key, names)
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, Mapping):
        return f"（{worded(value, names=names)}）"
    if isinstance(value, list):
        return "・".join(_value(each, key, names) for each in value)
    text = str(value)
    if file := _LETTER_FILE.fullmatch(text):
        return f"{file[1]}（PDF）"
    return _CODES.get(key, {}).get(text) or _about(_KEYS.get(text, text))
