"""What a reply may not touch: encodings, byte order marks, line ends, the end of the file, and other files."""

from __future__ import annotations

import pytest

from ocode_tools.replies import Refusal, Target, read
from replying import ADD, CALC, FIXED, OLD, POP, POPPED, A, B, Case, fenced, judge, sound, table

CRLF, CRLF_FIXED = (text.replace("\n", "\r\n").encode() for text in (CALC, FIXED))
MIXED = CALC.replace("import math\n", "import math\r\n").replace("a = 0\n", "a = 0\r\n")
LATIN = ("# -*- coding: latin-1 -*-\n" + CALC.replace("circle", "cercle carr\u00e9")).encode("latin-1")
SWAP = f"<<<<<<< SEARCH\n{A}=======\n{B}>>>>>>> REPLACE\n"
DIFF = f"```diff\n@@\n-{A}+{B}```\n"
NO_END, NO_END_FIXED = OLD.rstrip("\n"), ADD.rstrip("\n")
TAIL = "x = 1\n\n\n"

CASES = [
    Case("26-crlf-file-function", fenced(ADD), CRLF_FIXED, text=CRLF),
    Case("26-crlf-file-whole", fenced(FIXED), CRLF_FIXED, text=CRLF, names=()),
    Case("26-crlf-file-search", SWAP, CRLF_FIXED, text=CRLF),
    Case("26-crlf-file-diff", DIFF, CRLF_FIXED, text=CRLF),
    Case("26-crlf-reply", fenced(ADD).replace("\n", "\r\n")),
    Case("26-crlf-reply-search", SWAP.replace("\n", "\r\n")),
    Case("26-crlf-reply-json", '{"code": "' + ADD.replace('"', '\\"').replace("\n", "\\r\\n") + '"}'),
    Case("26-crlf-both", fenced(ADD).replace("\n", "\r\n"), CRLF_FIXED, text=CRLF),
    Case("26-cr-file", fenced(ADD), FIXED.replace("\n", "\r"), text=CALC.replace("\n", "\r")),
    Case("26-mixed-function", fenced(ADD), MIXED.replace("a - b", "a + b"), text=MIXED),
    Case("26-mixed-whole", fenced(FIXED), MIXED.replace("a - b", "a + b"), text=MIXED, names=()),
    Case(
        "26-new-line-in-crlf", fenced(ADD.replace(B, "    b = b or 0\n" + B)),
        CRLF_FIXED.replace(b"    return a + b", b"    b = b or 0\r\n    return a + b"), text=CRLF,
    ),
    Case(
        "26-imports-in-crlf", fenced("import sys\n\n\n" + ADD.replace("a + b", "sys.x")),
        CRLF.replace(b"import math\r\n", b"import math\r\nimport sys\r\n").replace(b"a - b", b"sys.x"), text=CRLF,
    ),
    Case("27-bom-function", fenced(ADD), b"\xef\xbb\xbf" + FIXED.encode(), text=b"\xef\xbb\xbf" + CALC.encode()),
    Case(
        "27-bom-whole", fenced(FIXED), b"\xef\xbb\xbf" + FIXED.encode(), text=b"\xef\xbb\xbf" + CALC.encode(),
        names=(),
    ),
    Case(
        "27-bom-whole-in-both", fenced("\ufeff" + FIXED), b"\xef\xbb\xbf" + FIXED.encode(),
        text=b"\xef\xbb\xbf" + CALC.encode(), names=(),
    ),
    Case("27-bom-search", SWAP, b"\xef\xbb\xbf" + FIXED.encode(), text=b"\xef\xbb\xbf" + CALC.encode()),
    Case("27-bom-crlf", fenced(ADD), b"\xef\xbb\xbf" + CRLF_FIXED, text=b"\xef\xbb\xbf" + CRLF),
    Case("27-bom-in-reply", "\ufeff" + fenced(ADD)),
    Case("28-no-end-function", fenced(ADD), NO_END_FIXED, text=NO_END),
    Case("28-no-end-whole", fenced(ADD), NO_END_FIXED, text=NO_END, names=()),
    Case("28-no-end-search", SWAP, NO_END_FIXED, text=NO_END),
    Case("28-no-end-diff", DIFF, NO_END_FIXED, text=NO_END),
    Case(
        "28-no-end-longer", fenced(ADD.replace(B, "    c = a + b\n    return c\n")),
        NO_END_FIXED.replace("    return a + b", "    c = a + b\n    return c"), text=NO_END,
    ),
    Case("28-no-end-elsewhere", fenced(ADD), FIXED.rstrip("\n"), text=CALC.rstrip("\n")),
    Case(
        "28-no-end-last-line-moves", fenced(NO_END + "\n\n\ndef more():\n    return 1\n"),
        NO_END + "\n\n\ndef more():\n    return 1", text=NO_END, names=(),
    ),
    Case("28-blank-lines-at-the-end", fenced(FIXED), FIXED + "\n\n", text=CALC + "\n\n", names=()),
    Case("29-latin-1-function", fenced(ADD), LATIN.replace(b"a - b", b"a + b"), text=LATIN),
    Case(
        "29-latin-1-whole", fenced("# -*- coding: latin-1 -*-\n" + FIXED.replace("circle", "cercle carr\u00e9")),
        LATIN.replace(b"a - b", b"a + b"), text=LATIN, names=(),
    ),
    Case("29-latin-1-search", SWAP, LATIN.replace(b"a - b", b"a + b"), text=LATIN),
    Case("29-latin-1-cannot", fenced(ADD.replace("Add two", "Add \u2211 two")), None, "latin-1", text=LATIN),
    Case("29-undeclared", fenced(ADD), None, "decoded", text=LATIN.partition(b"\n")[2]),
    Case("29-utf-16", fenced(ADD), None, text=CALC.encode("utf-16")),
    Case(
        "29-form-feed", fenced(ADD), FIXED.replace("class Queue", "\fclass Queue"),
        text=CALC.replace("class Queue", "\fclass Queue"),
    ),
    Case(
        "29-line-separator", fenced(ADD), FIXED.replace("A stack.", "A\u2028stack."),
        text=CALC.replace("A stack.", "A\u2028stack."),
    ),
    Case(
        "29-non-ascii-before", fenced(POP), POPPED.replace("LIMIT", "GR\u00d6SSE"),
        text=CALC.replace("LIMIT", "GR\u00d6SSE"), names=("Stack.pop",),
    ),
    Case("text-whole", fenced("a: 1\nb: 3\n", "yaml"), "a: 1\nb: 3\n", text="a: 1\nb: 2\n", names=(), path="x.yaml"),
    Case(
        "text-search", "<<<<<<< SEARCH\nb: 2\n=======\nb: 3\n>>>>>>> REPLACE\n", "a: 1\nb: 3\n", text="a: 1\nb: 2\n",
        names=(), path="x.yaml",
    ),
    Case(
        "text-diff", "```diff\n@@ -1,2 +1,2 @@\n a: 1\n-b: 2\n+b: 3\n```\n", b"a: 1\r\nb: 3\r\n",
        text=b"a: 1\r\nb: 2\r\n", names=(), path="x.yaml",
    ),
    Case(
        "text-lazy", fenced("a: 1\n# ... rest unchanged ...\n", "yaml"), None, "leaves text out", text="a: 1\nb: 2\n",
        names=(), path="x.yaml",
    ),
    Case("text-json", fenced('{"a": 2}\n', "json"), '{"a": 2}\n', text='{"a": 1}\n', names=(), path="x.json"),
    Case("text-json-broken", fenced('{"a": 2\n', "json"), None, "parse", text='{"a": 1}\n', names=(), path="x.json"),
    Case(
        "text-markdown", "````markdown\n# A\n\n```sh\nrun --new\n```\n````\n", "# A\n\n```sh\nrun --new\n```\n",
        text="# A\n\n```sh\nrun\n```\n", names=(), path="README.md",
    ),
    Case(
        "text-markdown-three", "```markdown\n# A\n\n```sh\nrun --new\n```\n```\n", "# A\n\n```sh\nrun --new\n```\n",
        text="# A\n\n```sh\nrun\n```\n", names=(), path="README.md",
    ),
    Case("text-no-change", fenced(TAIL, "ini"), None, "no change", text=TAIL, names=(), path="x.ini"),
]  # fmt: skip


@table(CASES)
def test_what_is_not_changed_stays_byte_for_byte(case: Case) -> None:
    judge(case)


TWO = [
    Target("src/calc.py", CALC.encode(), ("add",)),
    Target("src/text.py", b"def cut(s):\n    return s[1]\n", ("cut",)),
]
CUT = "def cut(s):\n    return s[0]\n"
CUT_SEARCH = "<<<<<<< SEARCH\n    return s[1]\n=======\n    return s[0]\n>>>>>>> REPLACE\n"


@pytest.mark.parametrize(
    ("reply", "paths"),
    [
        pytest.param(fenced(ADD) + fenced(CUT), ["src/calc.py", "src/text.py"], id="two-blocks"),
        pytest.param(fenced(CUT, before="text.py\n"), ["src/text.py"], id="second-by-name"),
        pytest.param(fenced(CUT), ["src/text.py"], id="second-by-function"),
        pytest.param(CUT_SEARCH, ["src/text.py"], id="second-by-search"),
        pytest.param(SWAP + CUT_SEARCH, ["src/calc.py", "src/text.py"], id="two-searches"),
        pytest.param(f"src/calc.py\n{SWAP}\nsrc/text.py\n{CUT_SEARCH}", ["src/calc.py", "src/text.py"], id="two-named"),
        pytest.param(fenced(ADD) + fenced("x = 1\n", before="setup.py\n"), ["src/calc.py"], id="and-another-file"),
        pytest.param(
            fenced(ADD) + fenced("def cut(s):\n    return s[1]\n", before="src/text.py\n"),
            ["src/calc.py"],
            id="second-unchanged",
        ),
    ],
)
def test_each_part_finds_its_file(reply: str, paths: list[str]) -> None:
    outcome = read(reply, TWO)
    assert not isinstance(outcome, Refusal), outcome
    assert [edit.path for edit in outcome] == paths


@pytest.mark.parametrize(
    "name", ["../x.py", "/etc/passwd.txt", ".git/config.ini", "setup.py", "src/../../etc/x.py", "link/other.py"]
)
@pytest.mark.parametrize(
    "form",
    [
        "{}\n```python\n{}```\n",
        "```diff\n--- a/{0}\n+++ b/{0}\n@@ -0,0 +1 @@\n+x = 1\n```\n",
        "*** Begin Patch\n*** Add File: {}\n+x = 1\n*** End Patch\n",
        '{{"path": "{}", "content": "x = 1\\n"}}',
    ],
)
def test_no_other_file_is_edited(name: str, form: str) -> None:
    outcome = read(form.format(name, ADD), TWO)
    assert isinstance(outcome, Refusal), outcome
    sound(outcome)


def test_a_name_that_fits_two_files_is_refused() -> None:
    targets = [Target("a/calc.py", CALC.encode(), ("add",)), Target("b/calc.py", CALC.encode(), ("add",))]
    outcome = read(fenced(ADD, before="calc.py\n"), targets)
    assert isinstance(outcome, Refusal)
    assert "several files" in outcome.reason


def test_no_target_is_a_refusal() -> None:
    assert isinstance(read(fenced(ADD), []), Refusal)
