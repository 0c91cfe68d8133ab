from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from certificates.models import Application
from certificates.requests import applications
from certificates.requests.applications.intake import ITEMS
from core.commands import KenpoCommand, clerk_named, number
from core.errors import BadInput


class Command(KenpoCommand):
    help = "申請を一件ずつ進めます（交付を決める、交付しない、不備として返す、補正を受ける、取下げ）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", metavar="ID", type=number)
        parser.add_argument("verb", choices=("grant", "refuse", "send_back", "complete", "withdraw"))
        parser.add_argument("--by", metavar="CLERK", required=True, help="担当者")
        parser.add_argument("--on", metavar="D", help="日（なければ今日）")
        parser.add_argument("--missing", choices=sorted(ITEMS), nargs="+", default=[], help="不備の項目")

    def run(self, **options: Any) -> dict[str, Any]:
        application = Application.objects.filter(pk=options["id"]).first()
        if application is None:
            raise BadInput(f"申請「{options['id']}」はありません。番号を確認してください。")
        by, on = clerk_named(options["by"]), self.on(options["on"])
        if options["verb"] == "send_back":
            applications.send_back(application, options["missing"], by=by, on=on)
        else:
            getattr(applications, options["verb"])(application, by=by, on=on)
        application.refresh_from_db()
        if application.refusal_text:
            self.stdout.write(application.refusal_text)
        return {"application": application.pk, "status": application.status}
