"""`ocode fix` with a scripted model: what it is asked, what lands, when it stops."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from chat import NAME, described, said
from door import ocode
from model import answering, conversations, fix_with, reply
from quick import MENDED, QUICK, RED, SUITE, bare, mended, quick, reasons
from repos import MakeRepo
from server import DROP, STALL, Play, ndjson

WRONG = """def total(prices):
    result = 1
    for price in prices:
        result = result - price
    return result
"""
SHOWN = Play([json.dumps(described()).encode()])
MISSING = Play([b'{"error":"model not found"}'], 404)
WORSE = WRONG.replace("result = 1", "result = 2")
TWO = {
    "calc.py": """def half(number):
    return number // 3


def total(prices):
    return half(sum(prices) * 2)
""",
    "test_calc.py": QUICK["test_calc.py"],
}


def test_a_good_answer_lands(make_repo: MakeRepo) -> None:
    repo = make_repo(QUICK)
    with answering(MENDED) as server:
        done = fix_with(server, repo)
    branch = mended(done)
    assert repo.git("show", f"{branch}:calc.py") == MENDED
    report = done.report
    assert (report["model"], report["model_calls"], report["tokens"]) == (NAME, 1, {"prompt": 100, "completion": 20})
    assert report["commits"][0]["solver"] == NAME
    message = repo.git("log", "-1", "--format=%B", branch)
    assert message.startswith("fix(calc): replace `-` by `+` in total (mends test_total)\n")
    assert f"Ocode-Solver: {NAME}" in message
    first_prompt(conversations(server))


def first_prompt(asked: Sequence[Sequence[dict[str, Any]]]) -> None:
    """It is short and holds what is needed."""
    ((system, user),) = asked
    assert (system["role"], user["role"]) == ("system", "user")
    text = user["content"]
    assert QUICK["calc.py"] in text
    assert "def test_total(self):\n        self.assertEqual(total([1, 2, 3]), 6)" in text
    assert "AssertionError: -6 != 6" in text
    assert len(system["content"] + text) / 4 <= 600


def test_the_second_round_has_the_new_failure_and_keeps_the_prefix_and_the_context(make_repo: MakeRepo) -> None:
    with answering(WRONG, WORSE, "nothing", WRONG, MENDED) as server:
        fix_with(server, make_repo(QUICK))
    first, second, *_ = conversations(server)
    assert second[: len(first)] == first
    assert [message["role"] for message in second[2:]] == ["assistant", "user"]
    assert "-5 != 6" in second[3]["content"]
    requests = server.asked("/api/chat")
    assert len(requests) > 2
    assert len({request.options["num_ctx"] for request in requests}) == 1
    assert len({request.options["temperature"] for request in requests}) == 2


def test_the_same_answer_twice_ends_the_asking(make_repo: MakeRepo) -> None:
    with answering(WRONG) as server:
        done = fix_with(server, make_repo(QUICK))
    assert (done.code, done.report["status"], done.report["model_calls"]) == (1, "unfixed", 2)
    assert reasons(done)[RED].startswith("tests: ")
    assert done.report["branch"] is None


def test_the_next_function_is_asked_about(make_repo: MakeRepo) -> None:
    wrong = "def half(number):\n    return number // 4\n"
    with answering(wrong, wrong, "def total(prices):\n    return sum(prices)\n") as server:
        mended(fix_with(server, make_repo(TWO)))
    asked = [conversation[1]["content"].splitlines()[0] for conversation in conversations(server)]
    assert asked == ["`half` in `calc.py`:"] * 2 + ["`total` in `calc.py`:"]


@pytest.mark.parametrize("attempts", ["0", "1", "3"])
def test_no_more_replies_than_attempts(make_repo: MakeRepo, attempts: str) -> None:
    with answering("Sorry, I cannot help with ``` that.") as server:
        done = fix_with(server, make_repo(QUICK), "--attempts", attempts)
    assert done.report["model_calls"] == len(conversations(server)) == int(attempts)
    assert done.code == 1


def test_an_answer_that_cannot_be_read_is_said_and_asked_again(make_repo: MakeRepo) -> None:
    repo = make_repo(QUICK)
    lazy = "def total(prices):\n    result = 0\n    # ... rest of the code unchanged ...\n"
    with answering(lazy, MENDED) as server:
        done = fix_with(server, repo)
    mended(done)
    assert "the reply was not used" in done.err
    assert "Your answer was not used" in conversations(server)[1][3]["content"]
    shown = ocode(repo.top, "show").out
    assert f"asked {NAME}:" in shown
    assert "# ... rest of the code unchanged ..." in shown
    assert "not used: the reply leaves code out" in shown


def test_a_cut_answer_is_never_used(make_repo: MakeRepo) -> None:
    with answering(reply(MENDED, "length")) as server:
        done = fix_with(server, make_repo(QUICK), "--attempts", "2")
    assert (done.code, done.report["branch"]) == (1, None)
    assert "cut off" in reasons(done)[RED]
    first, second = (request.options["num_predict"] for request in server.asked("/api/chat"))
    assert second > 1.5 * first


def test_an_answer_without_its_end_is_never_used(make_repo: MakeRepo) -> None:
    with answering(Play([ndjson(said(f"```python\n{MENDED}```")), DROP])) as server:
        done = fix_with(server, make_repo(QUICK), "--attempts", "2")
    assert (done.code, done.report["branch"]) == (1, None)
    assert reasons(done)[RED].startswith("model: ")


def test_a_function_without_an_answer_is_passed_over(make_repo: MakeRepo) -> None:
    endless = Play([ndjson(said("```python\n"), *[said("x = 1\n")] * 200)])
    with answering(endless, endless, "def total(prices):\n    return sum(prices)\n") as server:
        done = fix_with(server, make_repo(TWO))
    mended(done)
    assert "no answer: the model repeats" in done.err


def test_rules_come_first_and_need_no_model(make_repo: MakeRepo) -> None:
    sure = SUITE.replace("total([1, 2, 3]), 6)", "(total([1, 2, 3]), total([0.5])), (6, 0.5))")
    with answering(MENDED) as server:
        done = quick(make_repo({**QUICK, "test_calc.py": sure}), "--model", NAME, OCODE_MODELS_ENDPOINT=server.url)
    mended(done)
    assert (done.report["model_calls"], done.report["model"]) == (0, NAME)
    assert conversations(server) == []


def test_without_the_default_model_rules_go_on(make_repo: MakeRepo) -> None:
    files = {**QUICK, "calc.py": "def total(prices):\n    return 'six'\n"}
    done = quick(make_repo(files), OCODE_MODELS_ENDPOINT="http://127.0.0.1:9")
    assert (done.code, done.report["status"], done.report["model"]) == (1, "unfixed", None)
    assert done.err.count("going on without a model") == 1


@pytest.mark.parametrize(("name", "words"), [("absent:7b", "ollama pull absent:7b"), ("code:7b", "coder:7b")])
def test_a_model_named_by_flag_must_be_there(make_repo: MakeRepo, name: str, words: str) -> None:
    repo = make_repo(QUICK)
    with answering(MENDED) as server:
        server.on("/api/show", Play([json.dumps({"error": f"model '{name}' not found"}).encode()], 404))
        done = quick(repo, "--model", name, OCODE_MODELS_ENDPOINT=server.url)
    assert (done.code, done.report["error"]["kind"]) == (3, "environment")
    assert words in done.report["error"]["message"]


@pytest.mark.parametrize(
    ("name", "endpoint"), [("big:cloud", ""), ("big:70b-cloud", ""), (NAME, "http://192.0.2.1:11434")]
)
def test_source_does_not_leave_this_machine_without_leave(make_repo: MakeRepo, name: str, endpoint: str) -> None:
    with answering(MENDED) as server:
        done = quick(make_repo(QUICK), "--model", name, OCODE_MODELS_ENDPOINT=endpoint or server.url)
    assert (done.code, done.report["error"]["kind"]) == (3, "environment")
    assert "models.allow_remote" in done.report["error"]["message"]
    assert server.requests == []


def test_a_secret_stays_at_home(make_repo: MakeRepo) -> None:
    code = QUICK["calc.py"].replace("    result = 0\n", '    password = "hunter2hunter"\n    result = 0\n')
    repo = make_repo({**QUICK, "calc.py": code})
    with answering("placeholder") as server:
        fix_with(server, repo, "--attempts", "1")
    sent = conversations(server)[0][1]["content"]
    assert "hunter2" not in sent
    hidden = sent[sent.index("def total") : sent.index("```", sent.index("def total"))]
    with answering(hidden.replace("- price", "+ price")) as server:
        branch = mended(fix_with(server, repo))
    assert repo.git("show", f"{branch}:calc.py") == code.replace("- price", "+ price")


def test_the_projects_memory_goes_along(make_repo: MakeRepo) -> None:
    files = {**QUICK, "CLAUDE.md": "Prices are in cents.\n" + "Long story.\n" * 1000}
    with answering(MENDED) as server:
        mended(fix_with(server, make_repo(files)))
    system = conversations(server)[0][0]["content"]
    assert "Prices are in cents." in system
    assert "lines left out" in system
    assert len(system) < 3000


def test_a_file_that_is_not_python(make_repo: MakeRepo) -> None:
    check = "import pathlib, sys\ntext = pathlib.Path('data/rates.ini').read_text()\n"
    check += "if 'vat = 19' not in text:\n    sys.exit('data/rates.ini: vat must be 19')\n"
    repo = make_repo({"check.py": check, "data/rates.ini": "[rates]\nvat = 16\n", "README": "x\n"})
    block = "<<<<<<< SEARCH\nvat = 16\n=======\nvat = 19\n>>>>>>> REPLACE\n"
    with answering(block) as server:
        done = fix_with(server, repo, "--test-cmd", "python check.py")
    assert (done.code, done.report["status"]) == (0, "fixed"), done
    assert repo.git("show", f"{done.report['branch']}:data/rates.ini") == "[rates]\nvat = 19\n"
    assert "data/rates.ini" in conversations(server)[0][1]["content"]


def test_an_interrupted_wait_leaves_nothing(make_repo: MakeRepo, tmp_path: Path) -> None:
    slow = Play([ndjson(said("```python\n")), STALL])
    with answering(slow) as server:
        done = fix_with(server, make_repo(QUICK), "--budget", "2")
    assert (done.code, done.report["branch"]) == (1, None)
    assert server.gone.wait(5)


def test_the_next_model_of_the_ladder_is_asked(make_repo: MakeRepo) -> None:
    with answering(WRONG, WORSE, MENDED) as server:
        server.on("/api/tags", {"models": [{"name": NAME}, {"name": "large:30b"}]})
        ladder = '[models]\nladder = ["absent:70b", "large:30b"]\n'
        server.on("/api/show", SHOWN, MISSING, SHOWN)
        done = fix_with(server, make_repo({**QUICK, ".ocode.toml": ladder}), "--attempts", "6")
    mended(done)
    assert [request.body["model"] for request in server.asked("/api/chat")] == [NAME, NAME, "large:30b"]
    assert done.report["commits"][0]["solver"] == done.report["model"] == "large:30b"
    assert done.err.count("going on without absent:70b") == 1


def test_ctrl_c_while_a_model_writes(make_repo: MakeRepo, hermetic: Path) -> None:
    repo = make_repo(QUICK)
    slow = Play([ndjson(said("```python\n")), STALL])
    with answering(slow) as server:
        words = ["fix", "--json", "--solvers", "model", "--model", NAME]
        with subprocess.Popen(
            [sys.executable, "-m", "ocode_bot", *words],
            cwd=repo.top,
            env=bare(OCODE_MODELS_ENDPOINT=server.url),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as running:
            deadline = time.monotonic() + 60
            while not server.asked("/api/chat") and time.monotonic() < deadline:
                time.sleep(0.05)
            running.send_signal(signal.SIGINT)
            out, _ = running.communicate(timeout=20)
        assert server.gone.wait(5)
    assert (running.returncode, json.loads(out)["status"]) == (130, "interrupted")
    assert list((hermetic / ".cache" / "ocode").rglob("lane-0")) == []
