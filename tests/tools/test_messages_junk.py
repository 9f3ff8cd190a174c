"""What models leave in a message is refused in any style; what people write is not."""

from __future__ import annotations

import pytest

from ocode_tools.messages.policy import check, default
from ocode_tools.messages.text import raw

PLAIN = default()._replace(style="plain")


@pytest.mark.parametrize(
    ("message", "rule"),
    [
        ("```\nfix: a\n```", "code-fence"),
        ("```gitcommit\nfix: a\n```", "code-fence"),
        ("~~~\nfix: a\n~~~", "code-fence"),
        ("<think>\nhm\n</think>\n\nfix: a", "think-tag"),
        ("<think>hm</think>fix: a", "think-tag"),
        ("<thinking>hm\n</thinking>\nfix: a", "think-tag"),
        ("<inner_voice>\nhm\n</inner_voice>\nfix: a", "think-tag"),
        ("fix: a\n\nhm\n</think>\n\nfix: a", "think-tag"),
        ("hm\n</ponder>\n\nfix: a", "think-tag"),
        ("[THINK]hm[/THINK]\nfix: a", "think-tag"),
        ("◁think▷hm◁/think▷\nfix: a", "think-tag"),
        ("<|channel|>final<|message|>fix: a", "think-tag"),
        ("<seed:think>hm", "think-tag"),
        ("Here is the commit message:\n\nfix: a", "lead-in"),
        ("Here's a commit message for your changes:", "lead-in"),
        ("Sure! Here is a concise commit message:", "lead-in"),
        ("Certainly, I will write it.", "lead-in"),
        ("**Commit message:**\n\nfix: a", "lead-in"),
        ("Commit message: fix: a", "lead-in"),
        ("Suggested commit message:", "lead-in"),
        ("Below is the generated commit message.", "lead-in"),
        ("I've written a commit message that sums it up", "lead-in"),
        ("<subject>", "placeholder"),
        ("fix: <subject>", "placeholder"),
        ("feat(<scope>): <short description>", "placeholder"),
        ("<type>(<scope>): <subject>", "placeholder"),
        ("TODO: message", "placeholder"),
        ("TODO: write commit message", "placeholder"),
        ("Your commit message here", "placeholder"),
        ("[insert commit message]", "placeholder"),
        ("fix: [insert description here]", "placeholder"),
        ("fix: your message here", "placeholder"),
        ("(no commit message provided)", "placeholder"),
        ("Commit message goes here", "placeholder"),
    ],
)
def test_leftovers_of_models(message: str, rule: str) -> None:
    for policy in (PLAIN, default()):
        assert [problem.rule for problem in check(raw(message.encode()), policy)] == [rule]


@pytest.mark.parametrize(
    "message",
    [
        "Here be dragons",
        "Add the commit message check",
        "Commit message hooks for git",
        "Draft message placement in the editor",
        "Generated title tags for pages",
        "Suggested summary lines are cut",
        "OK button gets a focus ring",
        "Ensure that the subject is checked",
        "Describe the subject of a message",
        "Great circle distance for maps",
        "<canvas> can be printed",
        "Replace <b> by <strong>",
        "[core] Insert nodes in order",
        "TODO comments are listed",
        "Allow a placeholder in the subject",
        "Insert a message at the top of the list",
        "Explain\n\n```\nlisting\n```",
        "Explain\n\n<details>\ntext\n</details>",
        "Explain\n\nthe </think> tag that models leave",
    ],
)
def test_what_people_write_passes(message: str) -> None:
    assert check(raw(message.encode()), PLAIN) == []


def test_a_long_first_line_costs_no_time() -> None:
    message = "here is message " * 20_000
    assert check(raw(message.encode()), PLAIN)
