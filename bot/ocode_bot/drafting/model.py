"""Asking a model for a message: at most two calls for a draft, within one deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from ocode_bot.drafting import prompt as prompts_of
from ocode_bot.drafting.scene import Scene
from ocode_bot.masking import Mask
from ocode_bot.models.base import Ask, ChatModel, Message, ModelError, follow, sendable
from ocode_bot.prompting import Prompts
from ocode_tools.drafts import Draft
from ocode_tools.drafts.base import attribution
from ocode_tools.drafts.finish import finish
from ocode_tools.messages import answer
from ocode_tools.process import Cancel

CALLS = 2  # the question, and once more with what was wrong
ANSWER = 320  # tokens
_TEXT = {"type": "string"}


def schema(conventional: bool, types: list[str]) -> dict[str, object]:
    """The JSON schema of an answer; small and flat, as small models hold no other."""
    body = {"type": "array", "items": _TEXT}
    fields: dict[str, object] = {"subject": _TEXT, "body": body}
    if conventional:
        kind = {"type": "string", "enum": types}
        fields = {"type": kind, "scope": _TEXT, **fields, "breaking": {"type": "boolean"}}
    return {"type": "object", "properties": fields, "required": list(fields)}


def by_model(
    scene: Scene,
    model: ChatModel,
    prompts: Prompts,
    *,
    tokens: int,
    language: str,
    credit: str,
    hint: str,
    deadline: float,
    cancel: Cancel,
    say: Callable[[str], None],
    temperature: float = 0.2,
) -> Draft | str:
    """A draft by `model`, or why none, in one line; `deadline` is by `time.monotonic()`.

    Secrets are masked in what is sent, and a draft that names one is refused. Raises a `ModelError`.
    """
    mask = Mask()
    made = prompts_of.make(scene, prompts, tokens, language, hint)
    system, user = (Message(message.role, sendable(mask.hide(message.content))) for message in made.messages)
    frame = replace(prompts_of.frame(scene, made), known=mask.hide(made.known))
    types = prompts_of.types(scene)
    asked: tuple[Message, ...] = (system, user)
    reason = ""
    for call in range(CALLS):
        say(f"{model.name}: drafting the message, reading about {sum(len(m.content) for m in asked) // 4} tokens")
        began = time.monotonic()
        wanted = Ask(asked, ANSWER, deadline, temperature, schema=schema(scene.style.conventional, types))
        try:
            reply = follow(model.chat(wanted, cancel), lambda _piece: None)
        except ModelError as problem:
            if call:
                return f"{model.name}: {reason}; then {problem}"
            raise
        made_of = "it was cut off" if reply.cut else answer.read(reply.text, types)
        draft = made_of if isinstance(made_of, str) else finish(made_of, model.name, frame)
        if isinstance(draft, Draft):
            trailers = (*draft.trailers, *attribution(credit, model.name))
            return replace(draft, trailers=trailers, omitted=made.omitted)
        reason = draft
        if time.monotonic() + (time.monotonic() - began) > deadline:
            break  # there is no time for another
        again = prompts.fill("message_again", reason=reason)
        asked = (*asked, Message("assistant", reply.text[:2000]), Message("user", again))
    return f"{model.name}: {reason}"
