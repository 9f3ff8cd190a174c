"""What a reply says aloud, apart from what it only thinks."""

from __future__ import annotations

import re

_WORD = r"(?:think(?:ing)?|thought|reason(?:ing)?|reflection|analysis|scratchpad)"
_OPEN = re.compile(rf"\s*(?:<\|?{_WORD}\|?>|\[{_WORD}\]|<\|begin_of_thought\|>|◁think▷)", re.IGNORECASE)
_CLOSE = re.compile(rf"</\|?{_WORD}\|?>|\[/{_WORD}\]|<\|end_of_thought\|>|◁/think▷", re.IGNORECASE)
_CHANNEL = re.compile(r"<\|channel\|>\s*([a-z]*)[^<\n]*(?:<\|constrain\|>[^<\n]*)?<\|message\|>")
_BARE_CHANNEL = re.compile(r"(?:^analysis(?=[A-Z])|assistant\s*(?:analysis|commentary|final)(?=\W|[A-Z]))")
_MARK = re.compile(
    r"<\|/?(?:start|end|return|call|message|im_start|im_end|endoftext|eot_id|begin_of_text|end_of_text"
    r"|begin_of_solution|end_of_solution|fim_[a-z]+|file_separator|start_header_id|end_header_id)\|?>"
    r"(?:assistant(?=\n|<|$))?|</s>\s*$|<(?:start|end)_of_turn>(?:model)?|[\[<]/?(?:answer|ANSWER|response)[\]>]"
)


def views(reply: str) -> list[str]:
    """The texts to look for code in, best first: what is said, then what is only thought, then all as it came."""
    if "<![CDATA[" in reply:
        reply = reply.replace("<![CDATA[", "\n").replace("]]>", "\n")
    said, thought = _channels(reply) if "<|channel|>" in reply else _blocks(reply)
    texts = [_MARK.sub("", said), _MARK.sub("", thought), reply]
    return [text for place, text in enumerate(texts) if text.strip() and text not in texts[:place]]


def _channels(reply: str) -> tuple[str, str]:
    parts = _CHANNEL.split(reply)
    pairs = list(zip(parts[1::2], parts[2::2], strict=True))
    said = [parts[0], *(text for name, text in pairs if name not in ("analysis", ""))]
    final = [text for name, text in pairs if name == "final"]
    return "\n".join(final or said), "\n".join(text for _, text in pairs if text not in final)


def _blocks(reply: str) -> tuple[str, str]:
    opened, at, thought = _OPEN.match(reply), 0, list[str]()
    if not opened:
        return _unopened(reply)
    while opened:
        closed = _CLOSE.search(reply, opened.end())
        end = closed.start() if closed else len(reply)
        thought.append(reply[opened.end() : end])
        at = closed.end() if closed else len(reply)
        opened = _OPEN.match(reply, at)
    said = reply[at:]
    # A second closing tag means that the first one was only spoken of.
    stray, rest = _unopened(said)
    return (stray, "\n".join([*thought, rest])) if rest else (said, "\n".join(thought))


def _unopened(reply: str) -> tuple[str, str]:
    """A closing tag whose opening one was part of the prompt; inside quotes or a line of code it means nothing."""
    last = None
    for found in _CLOSE.finditer(reply):
        near = max(0, found.start() - 300)
        line = reply[max(near, reply.rfind("\n", near, found.start()) + 1) : found.start()]
        if not re.search(r"[\"'`(=#]", line):
            last = found
    if last:
        return reply[last.end() :], reply[: last.start()]
    final = [found for found in _BARE_CHANNEL.finditer(reply) if found.group().endswith("final")]
    return (reply[final[-1].end() :], reply[: final[-1].start()]) if final else (reply, "")
