"""Where the server of one home keeps its things, and whether it lives."""

import hashlib
import os
import pwd
import re
import secrets
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from kenpo.embedded.programs import STATE_ROOT, binaries, server_account

PORT = 5432  # only names the socket file; nothing listens on the network


class Postmaster(NamedTuple):
    """The running server process, as its ``postmaster.pid`` describes it."""

    pid: int
    socket_folder: str
    ready: bool


@dataclass(frozen=True)
class Server:
    """Where the server of one home keeps its things."""

    home: Path
    folder: Path
    as_root: bool

    @property
    def former(self) -> Path:
        """The folder of a home that lay at the same path before, set aside when that home was removed."""
        return self.folder.with_name(self.folder.name + ".before")

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    @property
    def pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    @property
    def token(self) -> str:
        """Stands in the command line of every process of this server, and of no other's.

        A process id alone proves nothing after a crash (it may have been given to another process); the working folder
        of a process of another user cannot be read in a container, not even by root; its command line can.
        """
        identity = (self.folder / "id").read_bytes()
        return "kenpo-" + hashlib.sha256(os.fsencode(self.folder) + b"\0" + identity).hexdigest()[:16]

    @cached_property
    def account(self) -> pwd.struct_passwd | None:
        """The system user the server runs as; none when it runs as ourselves."""
        return server_account() if self.as_root else None

    def postmaster(self) -> Postmaster | None:
        """The living server process; none when stopped, crashed, or when its process id now belongs to another."""
        try:
            lines = self.pid_file.read_text(errors="surrogateescape").splitlines()
            pid = int(lines[0])
            token = self.token
        except (FileNotFoundError, NotADirectoryError, IndexError, ValueError):
            return None
        if not is_server_process(pid, token, self.data):
            return None
        lines += [""] * 8
        return Postmaster(pid, lines[4], lines[7].strip() == "ready")

    def give(self, path: Path, mode: int) -> None:
        """Hands one of our own files or folders to the user the server runs as."""
        if self.account is not None:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)
        path.chmod(mode)

    def run(self, program: str, *arguments: str, timeout: float) -> subprocess.CompletedProcess[bytes]:
        """Runs one of PostgreSQL's programs as the server's user, in the folder.

        Its own session: what kills our process group must not reach the server. Paths are given relative to the folder,
        because ``pg_ctl`` hands them to a shell.
        """
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        environment["LC_ALL"] = "C"
        account: dict[str, Any] = {}
        if self.account is not None:
            account = {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}
        return subprocess.run(
            [str(binaries(as_root=self.as_root) / program), *arguments],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout,
            start_new_session=True,
            umask=0o077,
            check=False,
            **account,
        )


def server_of(home: Path) -> Server:
    """The server of a home, whether it exists already or not."""
    home = home.resolve()
    if os.geteuid() != 0:
        return Server(home, home / "postgres", as_root=False)
    # Root's home is often closed to others, and the server runs as another user: so never inside the home.
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:10]
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", home.name)[:30] or "home"
    return Server(home, STATE_ROOT / f"kenpo-{name}-{digest}", as_root=True)


def marker_of(server: Server) -> Path:
    """What ties a home to its state folder elsewhere: without it, a removed home would come back with its old data."""
    return server.home / "postgres.id"


def is_server_process(pid: int, token: str, data: Path) -> bool:
    """Whether a process id belongs to a living process of the server of ``data``."""
    line = command_line(pid)
    if f"--cluster_name={token}".encode() in line or is_child_title(line, token):
        return True
    # Started by hand, without our token: it is still this data's server.
    with suppress(OSError):
        return b"postgres" in line and os.path.samefile(f"/proc/{pid}/cwd", data)
    return False


def is_child_title(line: bytes, token: str) -> bool:
    """Whether a command line is the title that PostgreSQL gives to a server's child process."""
    return line.startswith(f"postgres: {token}: ".encode())


def command_line(pid: int) -> bytes:
    """The command line of a living process; empty for a dead one, and for one that nobody has buried yet."""
    if not Path("/proc/self/cmdline").exists():
        return subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, check=False).stdout
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def socket_of(folder: str) -> Path:
    """The unix socket in a folder, as PostgreSQL names it."""
    return Path(folder) / f".s.PGSQL.{PORT}"


def write_whole(path: Path, content: bytes, mode: int) -> None:
    """Writes a small file so that a reader sees all of it or nothing, also after a power loss."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(path)
