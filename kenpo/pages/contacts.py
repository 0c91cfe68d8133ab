"""対応記録 at the desk: the form beside the person, the sentence taken over with one button, the queue of calls to return."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from uuid import uuid4

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextareaWidget

from certificates.documents.face import MUNICIPAL_OFFICE
from certificates.models import Contact
from certificates.models.contacts import ENOUGH_CHECKED, LONGEST
from certificates.requests import contacts
from certificates.requests.contacts import LABEL, Call, is_protected, record_contact
from certificates.rules.answer import answer
from certificates.rules.matters import Matter, beside
from core import clock
from core.errors import BadInput, Refused
from core.models import Clerk
from core.roles import EDIT
from core.text import whole_number
from core.web import (
    EMPTY,
    OfficeForm,
    ReadOnlyAdmin,
    ReadOnlyTable,
    Step,
    attach,
    attach_steps,
    day_html,
    label_html,
    link_to,
    page_url,
)
from core.web.forms import choice_field, day_field, put_mistakes
from core.web.steps import step_page
from kenpo.people.answers import known_of
from members.models import Member, Person
from members.search import people
from members.services import municipal, society

TEMPLATE = "kenpo/contact.html"
WAITING = "折返し待ち"
TOO_FEW = "読み上げる前に、二つ以上を確かめて印を付けてください。"


def _text(label: str, help_text: str) -> forms.CharField:
    widget = UnfoldAdminTextareaWidget(attrs={"rows": 3, "autocomplete": "off"})
    return forms.CharField(label=label, required=False, max_length=LONGEST, help_text=help_text, widget=widget)


class ContactForm(OfficeForm):
    token = forms.UUIDField(widget=forms.HiddenInput())
    matter = forms.ChoiceField(choices=[("", ""), *Matter.choices()], required=False, widget=forms.HiddenInput())
    caller = choice_field("相手", Contact.Caller.choices)
    checked = forms.MultipleChoiceField(
        label="本人確認",
        choices=Contact.Check.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        help_text="相手に言ってもらい、上の記録と合ったものに印を付けます。二つ以上で、答えてよいことになります。",
    )
    topic = choice_field("用件", Contact.Topic.choices)
    question = _text("用件の内容", "500字まで。「その他」のときは必ず書いてください。")
    answer = _text("答えたこと", "500字まで。読み上げる文は、上のボタンで写せます。")
    follow_up_by = day_field("折返しの期限", required=False, help_text="折り返すときだけ入れてください。")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial.setdefault("token", uuid4())
        for name in ("question", "answer"):
            self.fields[name].error_messages["max_length"] = f"{LONGEST}字までにしてください。"


@dataclass(frozen=True, kw_only=True)
class ContactStep(Step):
    """Shows what to check and what to read out, and records the call."""

    def respond(self, request: HttpRequest, page: Any, document: Any) -> HttpResponse:
        person, on = cast(Person, document), clock.today()
        answers = _returned(request, person)
        data = request.POST.copy() if request.method == "POST" else None
        taken, chosen = (data.get("take", ""), data.get("choose")) if data else ("", None)
        if data and chosen is not None:
            data["matter"] = chosen
            if (told_of := _matter(chosen)) is not None and not data.get("topic"):
                data["topic"] = _TOPICS[told_of]
        matter = _matter(data.get("matter", "") if data else "")
        sentences = _sentences(person, matter, on)
        place = whole_number(taken, most=len(sentences) - 1) if sentences else None
        if data and place is not None and not _too_few(data):
            data["answer"] = "\n".join(filter(None, (data.get("answer", "").strip(), sentences[place])))
        form = ContactForm(data, document=person, on=on)
        refusals: tuple[str, ...] = ()
        if data and (taken or chosen is not None):
            form.is_valid()
            form.errors.clear()
            if taken and _too_few(data):
                form.add_error("checked", TOO_FEW)
        elif data and form.is_valid():
            try:
                return self._save(request, person, form.cleaned_data, answers)
            except BadInput as bad:
                put_mistakes(form, bad)
            except Refused as refused:
                refusals = refused.reasons
        return step_page(
            request,
            page,
            person,
            self,
            template=TEMPLATE,
            form=form,
            sentences=sentences,
            refusals=refusals,
            matters=[(each.value, each.label, each is matter) for each in Matter],
            born=day_html(person.birth_date),
            covers=_numbers(person),
            answers=answers,
            protected=is_protected(person),
            on=day_html(on),
            clerk=request.user,
        )

    def _save(
        self, request: HttpRequest, person: Person, told: dict[str, Any], answers: Contact | None
    ) -> HttpResponse:
        call = Call(
            token=told["token"],
            caller=told["caller"],
            topic=told["topic"],
            checked=tuple(told["checked"]),
            question=told["question"],
            answer=told["answer"],
            follow_up_by=told["follow_up_by"],
            member=_cover(person),
            answers=answers,
        )
        made = record_contact(person, call, by=cast(Clerk, request.user), on=clock.today())
        said = "対応を記録しました。"
        if made.follow_up_by:
            said += f"「{WAITING}」の一覧に出ます。"
        messages.success(request, said)
        return HttpResponseRedirect(page_url(person))


def _too_few(data: Any) -> bool:
    return len(set(data.getlist("checked"))) < ENOUGH_CHECKED


_TOPICS = {
    Matter.NOT_ARRIVED: Contact.Topic.NOT_ARRIVED,
    Matter.LOST: Contact.Topic.LOST,
    Matter.LEFT: Contact.Topic.LEAVING,
    Matter.REGISTERED: Contact.Topic.MYNA,
    Matter.MOVED: Contact.Topic.MOVED,
}
"""Under which 用件 a call about each matter is recorded, unless the clerk has chosen another."""


def _matter(text: str) -> Matter | None:
    """The caller's matter that was chosen; none where none was, or none there is."""
    return next((each for each in Matter if each.value == text), None)


def _sentences(person: Person, matter: Matter | None, on: date) -> list[str]:
    """What may be read out about the person: today's answer, then what belongs to the caller's matter."""
    covers = _numbers(person)
    if not covers:
        return []
    try:
        _, known = known_of(society(), covers, on)
    except Refused:  # no settings in force today: the call can still be recorded
        return []
    said = answer(known, on)
    sentences = [said.sentence, *(beside(matter, known, said, on) if matter is not None else ())]
    return [one.replace("当組合", MUNICIPAL_OFFICE) for one in sentences] if municipal() else sentences


def _returned(request: HttpRequest, person: Person) -> Contact | None:
    """The earlier call that this one returns."""
    return contacts.waiting().filter(person=person, pk=whole_number(request.GET.get("answers"))).first()


def _cover(person: Person) -> Member | None:
    return person.covers.order_by("-acquired_on", "-pk").first()


def _numbers(person: Person) -> list[Member]:
    return list(person.covers.order_by("-acquired_on", "-pk"))


RECORD = ContactStep(name="contact", label=LABEL, permission=EDIT)


class ReturnStep(Step):
    """From a call in the queue to the form that records its return."""

    def url(self, document: models.Model) -> str:
        contact = cast(Contact, document)
        person = reverse("admin:members_person_contact", args=[contact.person_id])
        return f"{person}?answers={contact.pk}"

    def respond(self, request: HttpRequest, page: Any, document: Any) -> HttpResponse:
        return HttpResponseRedirect(self.url(document))


def _not_waiting(contact: Contact, clerk: Clerk) -> str:
    if contact.follow_up_by is None:
        return "折返しの要らない記録です。"
    if hasattr(contact, "answered_by"):
        return "折返しは記録済みです。"
    return ""


RETURN = ReturnStep(name="return-call", label="折り返して記録する", permission=EDIT, blocked=_not_waiting)


def checked_words(contact: Contact) -> str:
    """What was checked, in words."""
    return "、".join(Contact.Check(each).label for each in contact.checked) or "していません"


def follow_up_html(contact: Contact) -> str:
    """By when the caller is called back, or that it was done."""
    if contact.follow_up_by is None:
        return EMPTY
    if hasattr(contact, "answered_by"):
        return label_html("折返し済み", "success")
    late = contact.follow_up_by < clock.today()
    return label_html("期限切れ" if late else WAITING, "danger" if late else "warning") + day_html(contact.follow_up_by)


class FollowUpFilter(admin.SimpleListFilter):
    """The queue of calls to return."""

    title = "折返し"
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", WAITING)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Contact]) -> QuerySet[Contact]:
        return queryset.filter(pk__in=contacts.waiting().values("pk")) if self.value() else queryset


@admin.register(Contact)
class ContactAdmin(ReadOnlyAdmin):
    """Every call, and those that wait for a call back."""

    list_display = ("title", "on", "person_name", "cover", "caller", "topic", "follow_up", "clerk")
    list_filter = (FollowUpFilter, "topic", "caller", "on", "follow_up_by")
    related = ("person", "member", "clerk", "answers", "answered_by")
    ordering = ("-pk",)
    steps = (RETURN,)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("person", "member"),
                    ("on", "at"),
                    ("caller", "checks"),
                    ("topic", "follow_up"),
                    "question",
                    "answer",
                    ("answers", "returned_by"),
                    "clerk",
                )
            },
        ),
    )
    search_by = staticmethod(lambda term: Q(person__in=people(term)))
    search_help_text = "記号・番号・枝番、カナ、氏名、生年月日"
    empty_hint = "対応記録はまだありません。人の画面の「電話の対応を記録する」で記録すると、ここに出ます。"

    @display(description="記録", ordering="pk")
    def title(self, contact: Contact) -> str:
        return str(contact)

    @display(description="氏名")
    def person_name(self, contact: Contact) -> str:
        return contact.person.name

    @display(description="記号・番号・枝番")
    def cover(self, contact: Contact) -> str:
        return str(contact.member or EMPTY)

    @display(description="本人確認")
    def checks(self, contact: Contact) -> str:
        return checked_words(contact)

    @display(description="折返し", ordering="follow_up_by")
    def follow_up(self, contact: Contact) -> str:
        return follow_up_html(contact)

    @display(description="折返しの記録")
    def returned_by(self, contact: Contact) -> str:
        return link_to(getattr(contact, "answered_by", None))


class ContactTable(ReadOnlyTable):
    """The calls about a person, the newest first."""

    model = Contact
    fields = ("open_page", "on", "who", "topic", "told", "follow_up", "clerk")
    related = ("clerk", "answered_by")
    ordering = ("-pk",)
    wide = ("told",)
    per_page = 20

    @display(description="記録")
    def open_page(self, contact: Contact) -> str:
        return link_to(contact, "開く")

    @display(description="相手（本人確認）")
    def who(self, contact: Contact) -> str:
        return format_html("{}<br>（{}）", contact.get_caller_display(), checked_words(contact))

    @display(description="用件の内容と答えたこと")
    def told(self, contact: Contact) -> str:
        said = [text for text in (contact.question, contact.answer) if text]
        return format_html_join(mark_safe("<br>"), "{}", ((text,) for text in said)) or EMPTY

    @display(description="折返し")
    def follow_up(self, contact: Contact) -> str:
        return follow_up_html(contact)


attach_steps(Person, RECORD)
attach(Person, ContactTable)
