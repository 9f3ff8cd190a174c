"""`ocode doctor` and `ocode models`: what is there, what is wrong, what mends it."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from chat import NAME, ollama
from door import Done, environment, ocode
from ocode_tools import sandbox
from quick import QUICK
from repos import MakeRepo
from server import Server

NOBODY = "http://127.0.0.1:9"
CARDS = {
    "models": [
        {"name": NAME, "details": {"parameter_size": "7.6B"}, "capabilities": ["completion"]},
        {"name": "embed:latest", "capabilities": ["embedding"]},
    ]
}


@contextmanager
def having(cards: object) -> Generator[Server]:
    """A server with these models."""
    with ollama() as server:
        server.on("/api/tags", cards)
        server.on("/api/version", {"version": "0.33.0"})
        yield server


def doctor(top: Path, **extra: str) -> tuple[Done, dict[str, dict[str, Any]]]:
    """Its answer, and its checks by name."""
    done = ocode(top, "doctor", "--json", env=environment(**extra))
    return done, {check["name"]: check for check in json.loads(done.out)["checks"]}


def test_all_is_well(make_repo: MakeRepo) -> None:
    with having(CARDS) as server:
        done, checks = doctor(make_repo(QUICK).top, OCODE_MODELS_ENDPOINT=server.url)
    well = sandbox.choose("best").level != "none"
    assert (done.code, done.report["status"]) == ((0, "good") if well else (1, "warning")), checks
    assert checks["server"]["said"] == f"{server.url} (Ollama 0.33.0)"
    assert checks["model for fix"]["said"].startswith(f"{NAME} (7.6B, context 32768)")
    assert done.report["server"]["models"][0]["context"] == 32768
    assert "pytest" in checks["tests"]["said"]


def test_no_server_is_a_warning(make_repo: MakeRepo) -> None:
    done, checks = doctor(make_repo(QUICK).top, OCODE_MODELS_ENDPOINT=NOBODY)
    assert (done.code, done.report["status"], checks["server"]["state"]) == (1, "warning", "warning")
    assert "ollama serve" in checks["server"]["said"]


def test_no_model_is_a_warning_with_the_command(make_repo: MakeRepo) -> None:
    with having({"models": []}) as server:
        done, checks = doctor(make_repo(QUICK).top, OCODE_MODELS_ENDPOINT=server.url)
    assert (done.code, checks["models"]["state"]) == (1, "warning")
    assert checks["models"]["mend"].startswith("ollama pull ")


def test_a_configured_model_that_is_not_installed(make_repo: MakeRepo) -> None:
    with having(CARDS) as server:
        done, checks = doctor(make_repo(QUICK).top, OCODE_MODELS_ENDPOINT=server.url, OCODE_MODELS_FIX="big:70b")
    assert done.code == 1
    assert "'big:70b' is not installed" in checks["model for fix"]["said"]


@pytest.mark.parametrize("files", [{"README": "no tests\n"}, {}])
def test_fix_cannot_run(make_repo: MakeRepo, files: dict[str, str]) -> None:
    done, checks = doctor(make_repo(files).top, OCODE_MODELS_FIX="none")
    assert (done.code, done.report["status"]) == (3, "bad")
    assert [check["name"] for check in checks.values() if check["state"] == "bad"]
    assert "server" not in checks


def test_outside_of_a_repository(tmp_path: Path) -> None:
    done, checks = doctor(tmp_path, OCODE_MODELS_FIX="none")
    assert (done.code, checks["repository"]["state"]) == (3, "bad")
    assert "git init" in checks["repository"]["said"]


def test_for_people(make_repo: MakeRepo) -> None:
    done = ocode(make_repo(QUICK).top, "doctor", env=environment(OCODE_MODELS_ENDPOINT=NOBODY))
    assert done.out.splitlines()[0].startswith("good    git: git version")
    assert "-> " in done.out


def test_models(make_repo: MakeRepo) -> None:
    top = make_repo(QUICK).top
    with having(CARDS) as server:
        listed = ocode(top, "models", env=environment(OCODE_MODELS_ENDPOINT=server.url))
        document = ocode(top, "models", "--json", env=environment(OCODE_MODELS_ENDPOINT=server.url)).report
    assert listed.out.splitlines()[1].split() == [NAME, "7.6B", "32768", "completion", "fix,", "message"]
    assert [model["tasks"] for model in document["models"]] == [["fix", "message"], []]
    refused = ocode(top, "models", "--json", env=environment(OCODE_MODELS_ENDPOINT=NOBODY))
    assert (refused.code, refused.report["error"]["kind"]) == (3, "environment")


def test_a_server_elsewhere_is_not_asked_without_leave(make_repo: MakeRepo) -> None:
    done, checks = doctor(make_repo(QUICK).top, OCODE_MODELS_ENDPOINT="http://192.0.2.1:11434")
    assert done.code == 1
    assert "models.allow_remote" in checks["server"]["said"]
