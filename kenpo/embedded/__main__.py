"""``python -m kenpo.embedded [status|url|stop]``: the database of KENPO_HOME, by hand."""

import argparse
import sys
from collections.abc import Sequence

from core.errors import Fault
from kenpo.embedded import database_url, home_from_environment, stop
from kenpo.embedded.server import server_of


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m kenpo.embedded",
        description="KENPO_HOME のデータベース（同梱のPostgreSQL）を扱います。",
    )
    parser.add_argument(
        "action",
        nargs="?",
        default="status",
        choices=["status", "url", "stop"],
        help="status: 状態を表示（既定）、url: 起動して接続先を表示、stop: 停止",
    )
    action = parser.parse_args(arguments).action
    home = home_from_environment()
    try:
        if action == "url":
            print(database_url(home))
        elif action == "stop":
            print("データベースを停止しました。" if stop(home) else "データベースは動いていません。")
        else:
            server = server_of(home)
            postmaster = server.postmaster()
            state = f"動いています（プロセス {postmaster.pid}）" if postmaster else "動いていません"
            print(f"データベースは{state}。保存先: {server.folder}")
    except Fault as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
