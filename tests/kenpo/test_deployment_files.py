"""The files of a deployment fit each other, the settings and the code, and hold no secret."""

from __future__ import annotations

import importlib.util
import re
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands

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
def test_every_lasting_service_restarts_and_is_asked_whether_it_is_well(
    services: dict[str, Any], name: str
) -> None:
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
def test_the_offices_services_run_in_production_with_little_power(
    services: dict[str, Any], name: str
) -> None:
    service = services[name]
    assert service["environment"]["KENPO_ENV"] == "production"
    assert "KENPO_TODAY" not in service["environment"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]


def test_commands_name_what_exists(services: dict[str, Any]) -> None:
    commands = [words(services[name]) for name in APP_SERVICES]
    commands += [words(services[name]["healthcheck"], "test") for name in ("web", "worker", "beat")]
    commands.append(
        re.findall(r'"([^"]+)"', re.findall(r"^CMD \[(.*)\]$", read("Dockerfile"), re.MULTILINE)[0])
    )
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
    named = {
        volume.split(":")[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", [])
    }
    assert named == set(compose["volumes"])


def test_the_image_has_the_fonts_and_no_test_tools() -> None:
    dockerfile, setup = read("Dockerfile"), read("tools/setup.sh")
    for font in ("fonts-morisawa-bizud-gothic", "fonts-ipamj-mincho"):
        assert font in dockerfile
        assert font in setup
    runtime, _, tools = read("requirements.txt").partition("\n# Tests and checks\n")
    assert {"Django", "gunicorn", "celery"} <= set(re.findall(r"^(\w+)==", runtime, re.MULTILINE))
    assert {"ruff", "mypy", "hypothesis", "PyYAML"} <= set(re.findall(r"^([\w-]+)==", tools, re.MULTILINE))


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
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    assert targets == {"demo", "test", "serve", "check", "bench", "golden", "screenshots", "setup"}


@pytest.mark.parametrize("script", [".ci/run", "tools/setup.sh"])
def test_scripts_are_sound_bash(script: str) -> None:
    assert subprocess.run(["bash", "-n", str(REPOSITORY / script)], check=False).returncode == 0
    assert (REPOSITORY / script).stat().st_mode & 0o111
