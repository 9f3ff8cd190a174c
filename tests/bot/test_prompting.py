"""Prompts: what is built in, what the user replaces, what a wrong one says."""

from __future__ import annotations

import string
from pathlib import Path

import pytest

from door import ocode
from ocode_bot.prompting import PROMPTS, Prompts, builtin
from ocode_tools.errors import UsageError


def test_every_prompt_uses_values_that_it_has() -> None:
    for name, (_, values) in PROMPTS.items():
        template = string.Template(builtin(name))
        assert template.is_valid()
        assert set(template.get_identifiers()) == set(values)


def test_an_empty_value_leaves_no_hole(tmp_path: Path) -> None:
    values = dict.fromkeys(PROMPTS["fix"][1], "x")
    full = Prompts(tmp_path).fill("fix", **values)
    bare = Prompts(tmp_path).fill("fix", **{**values, "around": "", "hint": ""})
    assert "\n\n\n" not in full + bare
    assert len(bare) == len(full) - len("x\n\n") * 2


def test_code_keeps_its_blank_lines_and_dollars(tmp_path: Path) -> None:
    code = "def f():\n\n\n\n    return '$name $path'"
    values = {**dict.fromkeys(PROMPTS["fix"][1], ""), "code": code}
    assert code in Prompts(tmp_path).fill("fix", **values)


def test_the_users_own_comes_first(tmp_path: Path) -> None:
    (tmp_path / "fix_refused.md").write_text("No: $reason ($tell), $$5\n")
    prompts = Prompts(tmp_path)
    prompts.check()
    assert prompts.fill("fix_refused", reason="a", tell="b") == "No: a (b), $5\n"


@pytest.mark.parametrize(
    ("text", "words"), [(b"$wrong", "wrong is no value"), (b"100 $", "a lone \\$"), (b"\xff", "UTF-8")]
)
def test_a_wrong_one_is_named(tmp_path: Path, text: bytes, words: str) -> None:
    (tmp_path / "fix_red.md").write_bytes(text)
    with pytest.raises(UsageError, match=words) as caught:
        Prompts(tmp_path).check()
    assert str(tmp_path / "fix_red.md") in str(caught.value)


def test_the_command_lists_shows_and_copies(tmp_path: Path, hermetic: Path) -> None:
    listed = ocode(tmp_path, "prompts")
    assert [line.split()[0] for line in listed.out.splitlines()[1:]] == list(PROMPTS)
    assert ocode(tmp_path, "prompts", "fix").out == builtin("fix")
    place = Path(ocode(tmp_path, "prompts", "--edit", "fix").out.strip())
    assert place.read_text() == builtin("fix")
    place.write_text("mine")
    assert ocode(tmp_path, "prompts", "--edit", "fix").code == 0
    assert ocode(tmp_path, "prompts", "fix").out == "mine\n"
    assert str(place) in ocode(tmp_path, "prompts").out
    refused = ocode(tmp_path, "prompts", "--edit", "../fix")
    assert (refused.code, "no prompt named" in refused.err) == (2, True)
