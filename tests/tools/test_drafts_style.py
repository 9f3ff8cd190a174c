"""The style that a repository's log teaches."""

from __future__ import annotations

import pytest

from ocode_tools.drafts import Style, learn
from ocode_tools.drafts.language import language
from ocode_tools.git import Git
from ocode_tools.messages.base import Policy
from repos import MakeRepo, Repo


def logged(repo: Repo, messages: list[str]) -> Style:
    """The style after commits with these messages, each of a file of its own."""
    for number, message in enumerate(messages):
        repo.write(f"pkg/f{number % 3}.py", f"x = {number}\n")
        repo.commit(message)
    return learn(Git(repo.top))


def test_a_repository_without_a_commit_teaches_nothing(make_repo: MakeRepo) -> None:
    style = learn(Git(make_repo({}, commit=False).top))
    assert (style.conventional, style.capital, style.body, style.scoped, style.ticket) == (True, False, False, None, "")


def test_a_conventional_log(make_repo: MakeRepo) -> None:
    style = logged(make_repo({}), ["fix(core): Mend it", "feat(core): Add it", "docs: Tell it"] * 4)
    assert (style.conventional, style.capital) == (True, True)
    assert style.scoped == pytest.approx(2 / 3)
    assert style.types == {"fix": 4, "feat": 4, "docs": 4}
    assert {(commit.type, commit.scope) for commit in style.used} == {("fix", "core"), ("feat", "core"), ("docs", "")}
    assert style.used[0].paths == ("pkg/f2.py",)


def test_a_plain_log(make_repo: MakeRepo) -> None:
    style = logged(make_repo({}), [f"Mend the thing number {number}\n\nBecause it was broken." for number in range(12)])
    assert (style.conventional, style.capital, style.body, style.used) == (False, True, True, ())
    assert style.length in (23, 24)


@pytest.mark.parametrize(
    ("policy", "conventional", "limit"),
    [
        (Policy(style="plain", learn=False), False, 72),
        (Policy(learn=False, subject_max=50), True, 50),
        (Policy(subject_max=100), False, 72),
    ],
)
def test_a_policy_is_above_the_log(make_repo: MakeRepo, policy: Policy, conventional: bool, limit: int) -> None:
    repo = make_repo({})
    logged(repo, ["Mend it"] * 12)
    style = learn(Git(repo.top), policy)
    assert (style.conventional, style.limit) == (conventional, limit)


@pytest.mark.parametrize(
    ("branch", "messages", "expected"),
    [
        ("feature/AB-12-load", ["fix: AB-1 mend it"], ("AB-12", "prefix")),
        ("feature/AB-12-load", ["AB-1: mend it", "AB-2: mend it"], ("AB-12", "prefix")),
        ("ab-12-load", ["fix: mend it (AB-1)"], ("AB-12", "suffix")),
        ("fix/12-load", ["fix: mend it\n\nRefs: #1"], ("#12", "Refs")),
        ("fix/12-load", ["fix: mend it (#1)"], ("#12", "")),
        ("feature/AB-12", ["fix: mend it"], ("AB-12", "")),
        ("main", ["fix: AB-1 mend it"], ("", "")),
        ("release-2024", ["fix: mend it"], ("", "")),
    ],
)
def test_the_ticket_of_the_branch(
    make_repo: MakeRepo, branch: str, messages: list[str], expected: tuple[str, str]
) -> None:
    repo = make_repo({}, commit=False)
    repo.git("checkout", "-q", "-b", branch) if branch != "main" else None
    style = logged(repo, messages)
    assert (style.ticket, style.ticket_as) == expected


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["fix: mend the thing", "feat: add it to the list"], ""),
        (["fix: Fehler beim Laden der Datei behoben", "feat: Suche für die Liste hinzugefügt"], "German"),
        (["fix: corrige le chargement des fichiers", "ajoute une option pour les tests"], "French"),
        (["fix: \u4fee\u590d\u9519\u8bef", "feat: add \u529f\u80fd", "fix: mend the thing"], "Chinese"),
        (["fix: \u30d0\u30b0\u3092\u4fee\u6b63"], "Japanese"),
        (["x", "y"], ""),
        ([], ""),
    ],
)
def test_the_language_of_a_log(texts: list[str], expected: str) -> None:
    assert language(texts) == expected


def test_habits_with_dependencies(make_repo: MakeRepo) -> None:
    style = logged(make_repo({}), ["build(dependencies): bump a from 1 to 2", "fix: mend it"])
    assert style.dependencies == ("build", "dependencies")
    assert Style().dependencies == ("chore", "")
