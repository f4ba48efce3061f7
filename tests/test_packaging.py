"""What is shipped around the code: pins, metadata, the container and its compose file."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from dockerfile import arguments, environment, instructions
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import spikedash


def pins(file: Path) -> dict[str, Requirement]:
    """The requirements of a file by canonical name, without those of files that it includes."""
    lines = (line.strip() for line in file.read_text("utf-8").splitlines())
    found = [Requirement(line) for line in lines if line and not line.startswith(("#", "-r"))]
    return {canonicalize_name(one.name): one for one in found}


def imported_distributions(files: list[Path]) -> dict[str, str]:
    """Distributions that Python files import directly, each with one place where."""
    owners = importlib.metadata.packages_distributions()
    found = {}
    for file in files:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            for top in {name.partition(".")[0] for name in names} - sys.stdlib_module_names:
                for owner in owners.get(top, []):
                    found[canonicalize_name(owner)] = f"{file.name}:{node.lineno}"
    return found


@pytest.fixture(scope="module")
def steps(project: Path) -> list[tuple[str, str]]:
    return instructions(project / "Dockerfile")


@pytest.fixture(scope="module")
def service(project: Path) -> dict:
    return yaml.safe_load((project / "compose.yaml").read_text("utf-8"))["services"]["spikedash"]


# Requirements and metadata

#: Packages that the code asks for and does without where they are missing: those that write the report install the rest too.
OPTIONAL = {"kaleido"}


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_one_exact_version(name, project):
    for requirement in pins(project / name).values():
        assert re.fullmatch(r"==[0-9][0-9a-z.]*", str(requirement.specifier)), f"{name}: {requirement}"


def test_these_tests_run_with_the_pinned_versions(project):
    for file in ("requirements.txt", "requirements-dev.txt"):
        for name, requirement in pins(project / file).items():
            if requirement.marker is None or requirement.marker.evaluate():
                assert importlib.metadata.version(name) in requirement.specifier, f"{requirement} is pinned; run make install"


def test_every_imported_package_is_pinned_and_not_only_brought_by_another(project):
    runtime, dev = pins(project / "requirements.txt"), pins(project / "requirements-dev.txt")
    code = [*project.glob("*.py"), *(project / "spikedash").rglob("*.py")]
    assert dev.keys() >= OPTIONAL
    missing = {name: where for name, where in imported_distributions(code).items() if name not in runtime.keys() | OPTIONAL}
    assert not missing, f"imported but not in requirements.txt: {missing}"
    missing = {
        name: where
        for name, where in imported_distributions(list((project / "tests").rglob("*.py"))).items()
        if name not in runtime | dev
    }
    assert not missing, f"imported by tests but in neither requirements file: {missing}"


def test_metadata_declares_the_version_supported_pythons_and_the_licence(project):
    metadata = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["project"]
    assert metadata["requires-python"] == ">=3.11,<3.14"
    assert metadata["version"] == spikedash.__version__
    assert (project / "LICENSE").read_text("utf-8").startswith("MIT License")


# The container


def test_a_real_linter_finds_nothing_in_the_dockerfile(project):
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if hadolint is None:
        pytest.skip("hadolint has no build for this platform")
    done = subprocess.run([hadolint, "--no-color", "Dockerfile"], cwd=project, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_base_image_is_slim_and_never_latest(steps):
    (base,) = arguments(steps, "FROM")
    assert re.fullmatch(r"python:3\.1[123]-slim(-\w+)?", base)


def test_everything_copied_exists_and_is_let_into_the_build(project, steps):
    rules = [line for line in (project / ".dockerignore").read_text("utf-8").splitlines() if line and not line.startswith("#")]
    sources = {source for argument in arguments(steps, "COPY") for source in argument.split()[:-1]}
    assert rules[0] == "*"
    assert {rule[1:] for rule in rules if rule.startswith("!")} == sources
    assert [source for source in sources if not (project / source).exists()] == []


def test_the_program_runs_as_a_fixed_user_that_owns_only_the_volume(steps):
    words = [word for word, _ in steps]
    (user,) = arguments(steps, "USER")
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user)
    assert max(k for k, word in enumerate(words) if word == "COPY") < words.index("USER") < words.index("CMD")
    assert not any("--chown" in argument for argument in arguments(steps, "COPY"))


def test_all_that_is_written_lies_in_the_one_volume(steps, service):
    assert arguments(steps, "VOLUME") == ["/data"]
    env = environment(steps)
    assert env["SPIKEDASH_DATA"] == "/data"
    assert env["NUMBA_CACHE_DIR"].startswith("/data/")
    assert service["volumes"] == ["data:/data"]


def test_what_is_compiled_at_build_time_is_in_the_volume_from_the_start(steps):
    words = [word for word, _ in steps]
    warm_up = next(k for k, (word, argument) in enumerate(steps) if word == "RUN" and "warm_up" in argument)
    assert words.index("USER") < warm_up < words.index("VOLUME")


# compose.yaml


def test_compose_builds_this_version_and_publishes_it_to_this_machine_only(project, steps, service):
    version = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert service["build"] == "."
    assert service["image"] == f"spikedash:{version}"
    (port,) = arguments(steps, "EXPOSE")
    assert service["ports"] == [f"127.0.0.1:{port}:{port}"]


def test_compose_bounds_what_the_container_may_do(service):
    assert service["read_only"] is True
    assert service["init"] is True
    assert service["restart"] == "unless-stopped"
    assert [mount.partition(":")[0] for mount in service["tmpfs"]] == ["/tmp"]
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["mem_limit"]
    assert service["pids_limit"]
