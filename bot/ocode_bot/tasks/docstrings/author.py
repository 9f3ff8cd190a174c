"""Words for one unit: two rounds with what was wrong, a fresh start, then the next larger model."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from ocode_bot.means import Means
from ocode_bot.models.base import Cancelled, ChatModel, Incomplete, Message, ModelError, TooLong
from ocode_bot.report import one_line
from ocode_bot.rounds import COOL, WARM
from ocode_bot.tasks.docstrings.question import Question, Told, question
from ocode_tools.docstrings.answers import read
from ocode_tools.docstrings.base import Unit
from ocode_tools.docstrings.page import Page
from ocode_tools.docstrings.parts import Facts, Style, Words
from ocode_tools.docstrings.words import Heard, Reader

_CUT = "the answer was cut off: write less"


@dataclass(frozen=True, slots=True)
class Written:
    """What came of a unit: its `words`, None where there are none, by which `model`, and `why` not more."""

    words: Words | None
    model: str = ""
    why: str = ""


@dataclass(slots=True)
class Author:
    """Asks the models of a run; after an error of theirs no further ones are asked."""

    means: Means
    broken: str = ""

    def write(self, page: Page, unit: Unit, facts: Facts, style: Style, told: Told, deadline: float) -> Written:
        """The best words that a model finds before `deadline` (`time.monotonic()`)."""
        ladder = self.means.ladder
        if ladder is None or self.broken:
            return Written(None, why=self.broken or "no model is asked")
        reader = page.reader(unit, facts, style)
        asked = question(page, unit, facts, style, told, self.means.prompts)
        best = Written(None, why="no model answers")
        left = self.means.attempts
        try:
            for model in ladder.models():
                for heard in self._rounds(model, asked, reader, unit, deadline):
                    left -= 1
                    if heard.words and not heard.problems:
                        return Written(heard.words, model.name)
                    best = _better(best, heard, model.name)
                    if left <= 0:
                        return best
                if best.words:
                    return best
        except Cancelled:
            best = Written(best.words, best.model, best.why or "cut: no time left")
        except (Incomplete, TooLong) as problem:  # of this unit; others it may answer
            best = Written(best.words, best.model, f"model: {one_line(str(problem))}")
        except ModelError as problem:
            self.broken = f"model: {one_line(str(problem))}"
            best = Written(best.words, best.model, self.broken)
        return best

    def _rounds(
        self, model: ChatModel, asked: Question, reader: Reader, unit: Unit, deadline: float
    ) -> Iterator[Heard]:
        seen: set[str] = set()
        usable = False
        for temperature in (COOL, WARM):
            talk: list[Message] = [*asked.messages]
            for _ in range(2):
                if usable and temperature == WARM:
                    return  # a summary stands; a fresh start is for those without
                if time.monotonic() > deadline:
                    return
                reply = self.means.asking.ask(
                    model, talk, asked.tokens, temperature, f"describing {unit.qualname}", asked.schema
                )
                found = _CUT if reply.cut else read(reply.text, asked.entries)
                heard = Heard(None, (found,)) if isinstance(found, str) else reader.read(found)
                if heard.problems:
                    self.means.asking.run.note("words", unit=unit.qualname, problems=list(heard.problems))
                usable = usable or heard.words is not None
                yield heard
                if reply.text in seen:
                    break
                seen.add(reply.text)
                reasons = "\n".join(f"- {problem}" for problem in heard.problems)
                again = self.means.prompts.fill("docstrings_again", reasons=reasons, answer=asked.form)
                talk += [Message("assistant", reply.text[:2000]), Message("user", again)]


def _better(best: Written, heard: Heard, model: str) -> Written:
    """The fuller of two; of equals the first."""
    why = "reply: " + "; ".join(heard.problems[:3])
    if heard.words is None:
        return best if best.words else Written(None, model, why)
    if best.words is None or len(heard.words.entries) > len(best.words.entries):
        return Written(heard.words, model, why)
    return best
