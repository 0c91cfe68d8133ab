"""Before the approval: people held back, samples of every ground, the difference to last month."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from certificates.models import Decision, EligibilityCertificate, Ruling, Run
from core.models import Clerk
from kenpo.pages import month_figures
from tests.kenpo.month.pages import ON, Desk, press, said
from tests.kenpo.reading import page_of

pytestmark = pytest.mark.django_db


def test_single_people_are_held_back_and_the_others_approved(desk: Desk, proposed: Run) -> None:
    listed = said(desk["taro"].get(page_of(proposed, "proposals")))
    waiting = EligibilityCertificate.objects.filter(status="proposed", sequence=0).order_by("serial")
    total, one = waiting.count(), waiting[0]
    assert f"承認を待つ人 {total}人" in listed
    page = said(press(desk["taro"], proposed, "proposals", stage="check", member=str(one.member_id)))
    assert "次の 1人の交付を止めます" in page and one.member.person.name in page
    page = said(press(desk["taro"], proposed, "proposals", stage="save", member=str(one.member_id), reason=""))
    assert "入れてください。" in page
    assert waiting.count() == total
    page = said(
        press(desk["taro"], proposed, "proposals", stage="save", member=str(one.member_id), reason="届出を確認中")
    )
    assert "1人（" in page and "交付を止めました。" in page and "止めた資格確認書を開く" in page
    one.refresh_from_db()
    assert one.status == "voided" and waiting.count() == total - 1
    asked = said(desk["taro"].get(page_of(proposed, "approve")))
    assert "交付を止めた 1人の分は含みません。" in asked
    press(desk["taro"], proposed, "approve")
    assert EligibilityCertificate.objects.filter(status="approved", sequence=0).count() == total - 1
    one.refresh_from_db()
    assert one.status == "voided"
    answer = press(desk["taro"], proposed, "proposals", stage="save", member=str(one.member_id), reason="x")
    assert "止める人を選んでください。" in said(answer)


def test_everybody_under_a_filter_is_held_back_at_once(desk: Desk, proposed: Run) -> None:
    waiting = EligibilityCertificate.objects.filter(status="proposed", sequence=0)
    ground = waiting.order_by("pk")[0].ground
    mine, others = waiting.filter(ground=ground).count(), waiting.exclude(ground=ground).count()
    path = f"{page_of(proposed, 'proposals')}?ground={ground}"
    page = said(desk["hanako"].post(path, {"whole": "1"}))
    assert f"次の {mine}人の交付を止めます" in page
    desk["hanako"].post(path, {"whole": "1", "stage": "save", "reason": "確認中"})
    assert waiting.count() == others and others > 0
    answer = desk["haruko"].post(path, {"whole": "1", "stage": "save", "reason": "確認中"})
    assert "権限ではできません" in said(answer) or "選んでください" in said(answer)
    rest = page_of(proposed, "proposals")
    answer = desk["haruko"].post(rest, {"whole": "1", "stage": "save", "reason": "確認中"})
    assert "権限ではできません" in said(answer) and waiting.count() == others


def test_who_was_held_back_is_decided_again_and_approved_by_another(desk: Desk, proposed: Run) -> None:
    one = EligibilityCertificate.objects.filter(status="proposed", sequence=0).order_by("serial")[0]
    answer = press(desk["taro"], one, "decide-again")
    assert answer.status_code == 409 and "交付を止めた資格確認書ではありません" in said(answer)
    press(desk["taro"], one, "hold-back", reason="届出を確認中")
    one.refresh_from_db()
    assert one.status == "voided"
    page = said(press(desk["hanako"], one, "decide-again"))
    assert "判定をやり直しました。" in page and "交付を止めた人の判定のやり直し" in page
    ruling = Ruling.objects.get()
    assert ruling.member_id == one.member_id and ruling.outcome == "issue"
    assert ruling.certificates.filter(status="proposed").exists()
    assert press(desk["hanako"], one, "decide-again").status_code == 409
    assert press(desk["hanako"], ruling, "approve").status_code == 409
    press(desk["taro"], ruling, "approve")
    assert not ruling.certificates.filter(status="proposed").exists()
    assert Ruling.objects.count() == 1


def test_samples_say_the_sentence_of_every_ground(desk: Desk, proposed: Run) -> None:
    page = said(desk["kansa"].get(page_of(proposed, "samples")))
    decisions = Decision.objects.filter(run=proposed)
    for ground in decisions.filter(outcome="issue").values_list("reason", flat=True).distinct():
        assert f"交付する：{dict(Decision._meta.get_field('reason').choices)[ground]}" in page
    assert "マイナ保険証の利用登録がないため" in page
    groups = month_figures.samples(proposed)
    assert all(1 <= len(samples) <= 3 for _, samples in groups)


def later_run(run: Run, month: date, answers: dict[int, tuple[str, str]]) -> Run:
    """Another month of the same society whose decisions are these."""
    other = Run.objects.create(
        insurer=run.insurer,
        month=month,
        as_of=month - timedelta(days=1),
        decided_on=month,
        issue_on=month,
        file_hash="",
        policy=run.policy,
        run_by=run.run_by,
    )
    for member, (outcome, reason) in answers.items():
        Decision.objects.create(run=other, member_id=member, outcome=outcome, reason=reason, facts=[])
    return other


def test_the_difference_names_each_person_once_by_kind(desk: Desk, proposed: Run) -> None:
    from core.transitions import advance

    issue = list(Decision.objects.filter(run=proposed, outcome="issue").order_by("pk")[:3])
    not_needed = list(Decision.objects.filter(run=proposed, outcome="not_needed").order_by("pk")[:3])
    same, gone, turned = issue
    new, now_gone, still = not_needed
    answers = {
        same.member_id: ("issue", same.reason),
        gone.member_id: ("not_covered", "not_covered"),
        turned.member_id: ("not_needed", "myna_usable"),
        new.member_id: ("issue", "not_registered"),
        now_gone.member_id: ("not_covered", "not_covered"),
        still.member_id: (still.outcome, "certificate_in_hand"),
    }
    december = later_run(proposed, date(2026, 12, 1), answers)
    others = Decision.objects.filter(run=proposed).exclude(member__in=answers).exclude(outcome="not_covered").count()
    clerk = Clerk.objects.get(username="hanako")
    for verb in ("apply", "decide"):
        advance(december, verb, by=clerk, on=ON)
    counts = month_figures.difference_counts(december, proposed, month_figures.Narrowed())
    assert counts == {"new": 1, "changed": 1, "ended": 2 + others}
    page = said(desk["kansa"].get(page_of(december, "difference")))
    assert "新しく交付する 1人" in page and f"資格がなくなった {2 + others}人" in page and "令和8年11月の判定と" in page
    page = said(desk["kansa"].get(page_of(december, "difference") + "?kind=new"))
    assert new.member.person.name in page and "交付する（①利用登録なし）" in page
    only = month_figures.Narrowed(establishment=new.member.establishment_id, reason="not_registered")
    assert month_figures.difference_counts(december, proposed, only).get("new") == 1
    none = month_figures.Narrowed(reason="number_pending")
    assert "new" not in month_figures.difference_counts(december, proposed, none)
    page = said(desk["kansa"].get(page_of(december)))
    assert "前月との比較" in page and "-" in page
    first = said(desk["kansa"].get(page_of(proposed, "difference")))
    assert "比べる前の月がありません。" in first


def test_the_grounds_stand_by_their_numbers(desk: Desk, proposed: Run) -> None:
    for listed in (
        said(desk["taro"].get(page_of(proposed, "approve"))),
        "".join(total.title for total in month_figures.totals(proposed, None)),
        "".join(title for title, _ in month_figures.samples(proposed)),
    ):
        numbers = re.findall("[①-⑤]", listed)
        assert len(numbers) > 1 and numbers == sorted(numbers)
