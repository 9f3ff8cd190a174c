"""Secrets do not go into a prompt, and come back where a reply repeats them."""

from __future__ import annotations

import pytest

from ocode_bot.masking import Mask
from ocode_bot.prompting import PROMPTS, builtin

KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAK\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ('password = "hunter2hunter"', "hunter2hunter"),
        ('    api_key: str = "9f86d081884c7d659a2feaa0c55ad015"', "9f86d081884c7d659a2feaa0c55ad015"),
        ("key = AKIAIOSFODNN7REALKEY", "AKIAIOSFODNN7REALKEY"),
        ('url = "https://joe:pa55word@host/x"', "pa55word"),
        (f"pem = '''{KEY}'''", KEY),
    ],
)
def test_hidden_and_shown_again(text: str, secret: str) -> None:
    mask = Mask()
    hidden = mask.hide(f"def f():\n{text}\n")
    assert secret not in hidden
    assert mask.show(hidden) == f"def f():\n{text}\n"
    assert secret not in mask.hide(f"said: {secret}")


def test_code_without_secrets_stays() -> None:
    code = 'def check(password, token=None):\n    return hash(password) == self.key and token is None\n\nx = "a" * 40\n'
    assert Mask().hide(code) == code
    for name in PROMPTS:
        assert Mask().hide(builtin(name)) == builtin(name)


def test_the_same_secret_has_one_placeholder() -> None:
    mask = Mask()
    first, second = mask.hide('password = "hunter2hunter"'), mask.hide('password = "hunter2hunter"  # again')
    assert second.startswith(first)


def test_a_placeholder_of_nobody_stays() -> None:
    assert Mask().show("SECRET_9_MASKED") == "SECRET_9_MASKED"
