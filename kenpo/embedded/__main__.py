"""``manage.py embedded [status|url|stop|remove]``: the database of KENPO_HOME, by hand. No settings are read."""

import argparse
import shutil
import sys
from collections.abc import Sequence

from core.disk import writing_in
from core.errors import Fault
from kenpo.embedded import database_url, home_from_environment, stop
from kenpo.embedded.server import Server, marker_of, server_of


def main(arguments: Sequence[str] | None = None, *, prog: str = "python -m kenpo.embedded") -> int:
    parser = argparse.ArgumentParser(prog=prog, description="KENPO_HOME のデータベース（同梱のPostgreSQL）を扱います。")
    parser.add_argument(
        "action",
        nargs="?",
        default="status",
        choices=["status", "url", "stop", "remove"],
        help="status: 状態と保存先を表示（既定）、url: 起動して接続先を表示、stop: 停止、"
        "remove: 停止して、データベースを保存先ごと消す（元に戻せません。--yes が要ります）",
    )
    parser.add_argument("--yes", action="store_true", help="remove で本当に消します")
    given = parser.parse_args(arguments)
    home = home_from_environment()
    server = server_of(home)
    try:
        if given.action == "url":
            print(database_url(home))
        elif given.action == "stop":
            print("データベースを停止しました。" if stop(home) else "データベースは動いていません。")
        elif given.action == "remove":
            return _remove(server, sure=given.yes)
        else:
            print(_status(server))
    except Fault as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


def _status(server: Server) -> str:
    postmaster = server.postmaster()
    state = f"動いています（プロセス {postmaster.pid}）" if postmaster else "動いていません"
    lines = [
        f"データベースは{state}。",
        f"KENPO_HOME: {server.home}",
        f"保存先: {server.folder}" + ("" if server.folder.is_dir() else "（まだありません）"),
    ]
    if server.former.is_dir():
        lines.append(f"前に同じ場所にあった KENPO_HOME のデータベース: {server.former}")
    return "\n".join(lines)


def _remove(server: Server, *, sure: bool) -> int:
    there = [folder for folder in (server.folder, server.former) if folder.exists()]
    if not there:
        print(f"消すものはありません（保存先 {server.folder}）。")
        return 0
    if not sure:
        named = "、".join(map(str, there))
        print(
            f"{named} を消すと、このデータベースは元に戻せません。消すときは --yes を付けて実行してください。",
            file=sys.stderr,
        )
        return 1
    stop(server.home)
    for folder in there:
        with writing_in(folder.parent):
            shutil.rmtree(folder)
    marker_of(server).unlink(missing_ok=True)
    print("データベースを停止し、保存先を消しました：" + "、".join(map(str, there)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
