"""The Dockerfile names what exists, and the image holds what the program is installed from."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INSTRUCTIONS = [
    (name, rest)
    for name, rest in re.findall(
        r"^([A-Z]+) (.*)$", re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text("utf-8")), re.MULTILINE
    )
]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def values_of(instruction: str) -> list[str]:
    return [rest for name, rest in INSTRUCTIONS if name == instruction]


def copied() -> list[str]:
    return [source for rest in values_of("COPY") for source in rest.split()[:-1]]


def test_what_is_copied_exists_and_is_sent_to_docker() -> None:
    sent = (ROOT / ".dockerignore").read_text("utf-8").split()
    assert copied()
    for source in copied():
        assert (ROOT / source).exists(), source
        assert f"!{source}" in sent
    assert sorted(line.removeprefix("!") for line in sent if line.startswith("!")) == sorted(copied())


def test_all_that_the_package_is_built_from_is_copied() -> None:
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    project = PROJECT["project"]
    needed = {*wheel["packages"], *wheel["force-include"], project["readme"], *project["license-files"]}
    assert needed | {"pyproject.toml"} == set(copied())


def test_the_python_of_the_image_is_new_enough() -> None:
    (image,) = values_of("FROM")
    version = re.fullmatch(r"python:3\.(\d+)-slim", image)
    oldest = re.fullmatch(r">=3\.(\d+)", PROJECT["project"]["requires-python"])
    assert version is not None
    assert oldest is not None
    assert int(version[1]) >= int(oldest[1])


def test_the_program_and_its_extras_exist() -> None:
    (entry,) = values_of("ENTRYPOINT")
    assert json.loads(entry) == list(PROJECT["project"]["scripts"])
    (extras,) = (found for rest in values_of("RUN") for found in re.findall(r"\.\[([a-z,]+)\]", rest))
    assert set(extras.split(",")) <= set(PROJECT["project"]["optional-dependencies"])


def test_it_is_not_run_by_the_superuser() -> None:
    (user,) = values_of("USER")
    assert any(f" {user}" in rest and "useradd" in rest for rest in values_of("RUN"))


def test_libraries_are_those_that_the_advice_names() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    (advised,) = re.findall(r"sudo apt install (lib[^\"]*)", makefile)
    (installed,) = (rest for rest in values_of("RUN") if "apt-get install" in rest)
    assert set(advised.split()) <= set(installed.split())
