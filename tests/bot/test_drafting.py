"""`ocode message` and `ocode commit`: drafts by rules and by a scripted model, through the real command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from chat import NAME, done, said
from door import Done, changed, environment, ocode, state
from model import answering, conversations
from repos import MakeRepo, Repo
from server import STALL, Play, Server, ndjson, serving

UNITS = """def parse_size(text):
    limit = 10
    if len(text) < limit:
        return int(text)
    raise ValueError(text)
"""
KEYS = {"subject", "body", "trailers", "source", "model", "omitted", "seconds", "error"}
RULED = "fix(units): compare with <= in parse_size"
SECRET = "sk-ant-api03-" + "abcdefghij0123456789" * 4


@pytest.fixture
def staged(make_repo: MakeRepo) -> Repo:
    """A repository with one staged change."""
    repo = make_repo({"units.py": UNITS}, commit=False)
    repo.commit("feat: start")
    repo.write("units.py", UNITS.replace("< limit", "<= limit"))
    repo.git("add", "-A")
    return repo


def reply(text: str, reason: str = "stop") -> Play:
    """One whole answer, as it is."""
    return Play([ndjson(said(text), done(reason=reason, prompt=100, completion=20))])


def message(repo: Repo, *args: str, **extra: str) -> Done:
    """`ocode message --json`, which leaves the repository as it is."""
    before = state(repo.top)
    done = ocode(repo.top, "message", "--json", *args, env=environment(**extra))
    assert changed(before, state(repo.top)) == []
    return done


def asked(repo: Repo, server: Server, *args: str, **extra: str) -> Done:
    """The same with the scripted model."""
    return message(repo, "--model", NAME, *args, OCODE_MODELS_ENDPOINT=server.url, **extra)


def test_by_rules(staged: Repo) -> None:
    done = message(staged, "--model", "none")
    assert done.code == 0
    assert done.report.keys() == KEYS
    assert {key: done.report[key] for key in KEYS - {"seconds"}} == {
        "subject": RULED,
        "body": "",
        "trailers": [],
        "source": "rules",
        "model": None,
        "omitted": [],
        "error": None,
    }


def test_a_person_sees_the_message_alone(staged: Repo) -> None:
    done = ocode(staged.top, "message", "--model", "none", env=environment())
    assert (done.code, done.out, done.err) == (0, f"{RULED}\n", "drafted by rules\n")


def test_by_a_model(staged: Repo) -> None:
    answer: dict[str, object] = {
        "type": "fix",
        "scope": "units",
        "subject": "Allows ten digits in `parse_size`.",
        "body": [],
        "breaking": False,
    }
    with answering(reply(json.dumps(answer))) as server:
        done = asked(staged, server, "--hint", "sizes have ten digits")
    assert done.code == 0, done
    assert done.report["subject"] == "fix(units): allow ten digits in parse_size"
    assert done.report["trailers"] == [["Assisted-by", f"ocode ({NAME})"]]
    assert (done.report["source"], done.report["model"], done.report["error"]) == ("model", NAME, None)
    ((system, user),) = conversations(server)
    assert "+    if len(text) <= limit:" in user["content"]
    assert "sizes have ten digits" in user["content"]
    assert "units.py" not in system["content"]


def test_a_bad_answer_is_asked_about_once(staged: Repo) -> None:
    with answering(reply("fix: call parse_units in other.py"), reply("```\nfix: allow ten digits\n```")) as server:
        done = asked(staged, server)
    assert done.report["subject"] == "fix(units): allow ten digits"
    first, second = conversations(server)
    assert second[: len(first)] == first
    assert "parse_units" in second[-1]["content"]


def test_two_bad_answers_leave_the_rules(staged: Repo) -> None:
    with answering(reply("<think>so")) as server:
        done = asked(staged, server)
    assert (done.code, done.report["subject"], done.report["source"]) == (0, RULED, "rules")
    assert "an empty answer" in done.report["error"]["message"]
    assert len(conversations(server)) == 2


def test_a_cut_answer_is_none(staged: Repo) -> None:
    with answering(reply("fix: allow ten", reason="length")) as server:
        assert asked(staged, server).report["source"] == "rules"


def test_candidates(staged: Repo) -> None:
    with answering(
        reply("fix: allow ten digits"), reply("fix: take ten digits"), reply("fix: allow ten digits")
    ) as server:
        done = asked(staged, server, "--candidates", "3")
    assert [one["subject"] for one in done.report["candidates"]] == [
        "fix(units): allow ten digits",
        "fix(units): take ten digits",
    ]
    assert [request.options["temperature"] for request in server.asked("/api/chat")] == [0.2, 0.6, 0.9]


@pytest.mark.parametrize(("kind", "trailers"), [("none", []), ("Co-authored-by", 1)])
def test_attribution(staged: Repo, kind: str, trailers: object) -> None:
    with answering(reply("fix: allow ten digits")) as server:
        done = asked(staged, server, OCODE_MESSAGE_ATTRIBUTION=kind)
    found = done.report["trailers"]
    assert found == trailers or found == [["Co-authored-by", f"ocode ({NAME}) <ocode@localhost>"]]


def test_no_server_leaves_the_rules(staged: Repo) -> None:
    done = message(staged, OCODE_MODELS_ENDPOINT="http://127.0.0.1:9")
    assert (done.code, done.report["subject"]) == (0, RULED)
    assert "no model server" in done.report["error"]["message"]


def test_a_model_named_must_answer(staged: Repo) -> None:
    done = message(staged, "--model", "gone:7b", OCODE_MODELS_ENDPOINT="http://127.0.0.1:9")
    assert done.code == 3
    assert done.report.keys() == KEYS
    assert done.report["subject"] is None
    assert done.report["error"]["kind"] == "environment"


def test_secrets_stay_here(staged: Repo) -> None:
    staged.write("conf.py", f'API_KEY = "{SECRET}"\n')
    staged.git("add", "-A")
    with answering(reply("fix: add SECRET_1_MASKED")) as server:
        done = asked(staged, server)
    assert done.report["source"] == "rules"
    assert SECRET not in json.dumps([request.body for request in server.requests])
    assert SECRET not in done.out


def test_a_large_diff_costs_no_more_calls_and_no_longer_prompt(staged: Repo) -> None:
    lines = "".join(f"value_{number} = {number}\n" for number in range(60_000))
    staged.write("data.py", lines)
    for number in range(300):
        staged.write(f"many/module_{number}.py", f"def function_{number}():\n    return {number}\n" * 20)
    staged.git("add", "-A")
    with answering(reply("feat: add many functions")) as server:
        done = asked(staged, server)
    (messages,) = conversations(server)
    assert sum(len(turn["content"]) for turn in messages) < 6000
    assert done.report["omitted"]


def test_consecutive_prompts_share_their_beginning(staged: Repo) -> None:
    with answering(reply("fix: allow ten digits")) as server:
        asked(staged, server)
        staged.commit("fix(units): allow ten digits")
        staged.write("units.py", UNITS.replace("limit = 10", "limit = 12"))
        staged.git("add", "-A")
        asked(staged, server)
    first, second = (json.dumps(messages) for messages in conversations(server))
    same = next(number for number, pair in enumerate(zip(first, second, strict=False)) if pair[0] != pair[1])
    assert same >= 0.6 * len(second)


@pytest.mark.parametrize(
    ("args", "code"),
    [(("HEAD",), 0), (("HEAD~1..HEAD",), 0), (("nothing",), 2), (("--staged", "HEAD"), 2), (("HEAD..HEAD",), 2)],
)
def test_revisions(staged: Repo, args: tuple[str, ...], code: int) -> None:
    staged.commit("whatever this is")
    done = message(staged, "--model", "none", *args)
    assert done.code == code, done
    assert done.report["subject"] == (RULED if code == 0 else None)


def test_nothing_staged_is_usage(staged: Repo) -> None:
    staged.commit("done")
    done = message(staged)
    assert (done.code, done.report["error"]["kind"]) == (2, "usage")
    assert "git add" in done.report["error"]["message"]


def test_no_git_repository(tmp_path: Path) -> None:
    assert ocode(tmp_path, "message", "--json", env=environment()).code == 3


def test_a_plain_log_gets_a_plain_draft(staged: Repo) -> None:
    staged.git("reset", "-q")
    for number in range(12):
        staged.git("commit", "-q", "--allow-empty", "-m", f"Change number {number}")
    staged.git("add", "-A")
    assert message(staged, "--model", "none").report["subject"] == "Compare with <= in parse_size"


def commit(repo: Repo, *args: str, **extra: str) -> Done:
    """`ocode commit` by rules, with an editor that changes nothing."""
    environ = {"GIT_EDITOR": "true", "OCODE_MODELS_MESSAGE": "none", **extra}
    return ocode(repo.top, "commit", *args, env=environment(**environ))


def subject(repo: Repo) -> str:
    """The newest commit's first line."""
    return repo.git("log", "-1", "--format=%s").strip()


def test_commit_goes_through_git(staged: Repo) -> None:
    hook = staged.write(".git/hooks/commit-msg", '#!/bin/sh\ncp "$1" seen\n')
    hook.chmod(0o755)
    assert commit(staged, "-s").code == 0
    assert subject(staged) == RULED
    assert "Signed-off-by: Test <test@example.org>" in (staged.top / "seen").read_text()
    assert not (staged.top / ".git" / "OCODE_DRAFT").exists()


def test_commit_yes_opens_no_editor(staged: Repo) -> None:
    assert commit(staged, "--yes", GIT_EDITOR="false").code == 0
    assert subject(staged) == RULED


def test_commit_all_drafts_what_git_will_commit(staged: Repo) -> None:
    staged.git("reset", "-q")
    staged.write("new.txt", "untracked\n")
    assert commit(staged, "-a", "--yes").code == 0
    assert subject(staged) == RULED
    assert staged.git("status", "--short") == "?? new.txt\n"


def test_commit_paths_drafts_for_them_alone(staged: Repo) -> None:
    staged.write("other.py", "VALUE = 1\n")
    staged.git("add", "-A")
    staged.git("commit", "-q", "-m", "feat: more")
    staged.write("other.py", "VALUE = 2\n")
    staged.write("units.py", UNITS)
    staged.git("add", "units.py")
    assert commit(staged, "--yes", "other.py").code == 0
    assert staged.git("show", "--name-only", "--format=").split() == ["other.py"]
    assert "units" not in subject(staged)
    assert staged.git("diff", "--cached", "--name-only").split() == ["units.py"]


def test_a_refused_commit_keeps_the_draft(staged: Repo) -> None:
    hook = staged.write(".git/hooks/pre-commit", "#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    done = commit(staged, "--yes")
    assert done.code == 1
    assert (staged.top / ".git" / "OCODE_DRAFT").read_text() == f"{RULED}\n"
    assert "the draft is kept: git commit" in done.err
    assert commit(staged, "--yes", "-n").code == 0


def test_an_emptied_message_commits_nothing(staged: Repo) -> None:
    head = staged.git("rev-parse", "HEAD")
    assert commit(staged, GIT_EDITOR="truncate -s 0").code == 1
    assert staged.git("rev-parse", "HEAD") == head


def test_commit_during_a_merge_is_gits_own(staged: Repo) -> None:
    staged.commit("fix: one")
    staged.git("checkout", "-q", "-b", "side", "HEAD~1")
    staged.write("units.py", UNITS.replace("10", "11"))
    staged.commit("fix: two")
    staged.git("merge", "-q", "main", check=False)
    staged.write("units.py", UNITS)
    staged.git("add", "-A")
    assert commit(staged).code == 0
    assert subject(staged).startswith("Merge branch 'main'")


def test_the_first_commit(make_repo: MakeRepo) -> None:
    repo = make_repo({"units.py": UNITS}, commit=False)
    repo.git("add", "-A")
    assert commit(repo, "--yes").code == 0
    assert subject(repo).startswith("feat")


def test_from_a_subdirectory_and_a_worktree(staged: Repo) -> None:
    staged.commit("fix: one")
    staged.git("worktree", "add", "-q", str(staged.top.parent / "linked"))
    linked = Repo(staged.top.parent / "linked")
    linked.write("sub/a.py", "VALUE = 1\n")
    linked.git("add", "-A")
    done = ocode(linked.top / "sub", "commit", "--yes", env=environment(OCODE_MODELS_MESSAGE="none"))
    assert done.code == 0, done
    assert linked.git("show", "--name-only", "--format=").split() == ["sub/a.py"]


def test_the_hooks_drafter_ends_at_its_deadline(staged: Repo) -> None:
    code = (
        "import os, time; from pathlib import Path\n"
        "from ocode_tools.git import Git; from ocode_bot.drafting.hook import drafted\n"
        "top = Path.cwd(); draft = drafted(top, Git(top), os.environ, time.monotonic() + 1.0)\n"
        "print(draft.subject, '|', draft.source, '|', draft.error)"
    )
    with answering(Play([ndjson(said("fix:")), STALL])) as server:
        environ = environment(OCODE_MODELS_ENDPOINT=server.url, OCODE_MODELS_MESSAGE=NAME)
        out = subprocess.run(
            [sys.executable, "-c", code], cwd=staged.top, env=environ, capture_output=True, text=True, check=True
        )
    assert out.stdout.startswith(f"{RULED} | rules | ")
    assert "in time" in out.stdout


def test_a_server_that_fails_leaves_the_rules(staged: Repo) -> None:
    with serving() as server:
        server.on("/api/show", Play([b'{"error":"broken"}'], 500))
        done = message(staged, OCODE_MODELS_ENDPOINT=server.url, OCODE_MODELS_MESSAGE=NAME)
    assert (done.code, done.report["source"]) == (0, "rules")


def test_replies_are_streamed_to_their_end(staged: Repo) -> None:
    play = Play([ndjson(said("fix: allow ")), 0.05, ndjson(said("ten digits")), ndjson(done())])
    with answering(play) as server:
        assert asked(staged, server).report["subject"] == "fix(units): allow ten digits"
