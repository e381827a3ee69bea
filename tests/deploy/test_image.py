"""What can be said of the image without a container engine: Dockerfile, compose.yaml and what they name."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from ruamel.yaml import YAML

from tests.deploy.dockerfile import BIN, DEPLOY, instructions, run
from tests.running import REPOSITORY


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    content: dict[str, Any] = YAML(typ="safe").load(DEPLOY / "compose.yaml")
    return content


def test_hadolint() -> None:
    done = run(BIN / "hadolint", "--failure-threshold=style", DEPLOY / "Dockerfile")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_compose_schema() -> None:
    done = run(BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml")
    assert done.returncode == 0, done.stdout


def test_the_container_can_do_little(compose: dict[str, Any]) -> None:
    service = compose["services"]["scrapyd"]
    assert (service["read_only"], service["tmpfs"], service["cap_drop"]) == (True, ["/tmp"], ["ALL"])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service.keys() & {"privileged", "cap_add", "network_mode", "user", "pid", "devices"}
    assert (service["restart"], service["init"]) == ("unless-stopped", True)
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}


def test_it_is_published_on_this_machine_alone(compose: dict[str, Any]) -> None:
    assert [service["ports"] for service in compose["services"].values()] == [["127.0.0.1:6800:6800"]]


def test_data_is_in_a_volume(compose: dict[str, Any]) -> None:
    assert compose["services"]["scrapyd"]["volumes"] == ["data:/var/lib/sabah", "backup:/backup"]
    assert compose["volumes"] == {"data": None, "backup": None}
    assert "install -d -o sabah -m 750 /backup" in instructions("RUN")[-1]
    assert instructions("VOLUME") == instructions("WORKDIR")[-1:] == ["/var/lib/sabah"]
    assert "SABAH_OUTPUT_DIR=/var/lib/sabah/output" in instructions("ENV")[-1].split()


def test_nothing_starts_without_user_password_and_contact(compose: dict[str, Any]) -> None:
    environment = compose["services"]["scrapyd"]["environment"]
    assert environment.keys() == {"SCRAPYD_USERNAME", "SCRAPYD_PASSWORD", "SABAH_CONTACT"}
    assert [name for name, value in environment.items() if not value.startswith(f"${{{name}:?")] == []


def test_settings_of_jobs_reach_them(compose: dict[str, Any]) -> None:
    assert compose["services"]["scrapyd"]["env_file"] == [{"path": ".env", "required": False}]
    ignored = (REPOSITORY / ".gitignore").read_text().splitlines()
    assert ".env" in ignored


def test_the_package_is_whole_of_what_is_copied(tmp_path: Path) -> None:
    """The wheel that the image's last `pip install` makes, of nothing but what was copied before it."""
    source = tmp_path / "build"
    (source / "deploy").mkdir(parents=True)
    for *names, to in (copy.split() for copy in instructions("COPY")[: instructions("COPY").index("sabah sabah") + 1]):
        for name in names:
            if (REPOSITORY / name).is_dir():
                shutil.copytree(REPOSITORY / name, source / to, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(REPOSITORY / name, source / to)
    done = run(
        BIN / "python",
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "--wheel-dir",
        tmp_path,
        source,
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with ZipFile(wheel) as content:
        packed = {name for name in content.namelist() if ".dist-info/" not in name}
    there = {path.relative_to(REPOSITORY).as_posix() for path in (REPOSITORY / "sabah").rglob("*") if path.is_file()}
    assert packed == {name for name in there if "__pycache__" not in name}
    assert {Path(name).suffix for name in packed} > {".py"}


def test_it_is_built_where_it_says(compose: dict[str, Any]) -> None:
    build = compose["services"]["scrapyd"]["build"]
    assert ((DEPLOY / build["context"]).resolve(), (DEPLOY / build["context"] / build["dockerfile"]).resolve()) == (
        REPOSITORY,
        DEPLOY / "Dockerfile",
    )


def test_no_root_and_a_pinned_base() -> None:
    assert instructions("USER") == ["6800"]
    assert "--uid 6800 " in instructions("RUN")[-1]
    bases = {base.split()[0] for base in instructions("FROM")}
    assert [base for base in bases if not re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", base)] == []
    assert len(bases) == 1


def test_what_is_copied_is_there_and_not_ignored() -> None:
    sources = {source for copy in instructions("COPY") if not copy.startswith("--from") for source in copy.split()[:-1]}
    lines = (REPOSITORY / ".dockerignore").read_text().splitlines()
    let_through = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert "*" in lines
    assert [one for one in sources if not (REPOSITORY / one).exists()] == []
    assert {one.split("/")[0] for one in sources} == let_through


def test_the_unit_starts_the_daemon_as_the_image_does(tmp_path: Path) -> None:
    unit = (DEPLOY / "systemd" / "sabah-scrapyd.service").read_text()
    (start,) = re.findall(r"^ExecStart=(.*)$", unit, re.MULTILINE)
    program, *options = shlex.split(start)
    assert [Path(program).name, *options] == json.loads(instructions("CMD")[0])
    if (verify := shutil.which("systemd-analyze")) is None:
        pytest.skip("no systemd-analyze")
    (tmp_path / "scrapyd.service").write_text(unit.replace(program, str(BIN / "scrapyd")))
    done = run(verify, "verify", "--man=no", tmp_path / "scrapyd.service")
    assert (done.returncode, done.stderr) == (0, "")
