"""Putting the definitions of a reply into a file, each in the place of its namesake, and nothing else."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ocode_tools.replies.base import Unfit
from ocode_tools.replies.clean import Code
from ocode_tools.replies.elision import stands_for_code
from ocode_tools.replies.imports import missing_imports
from ocode_tools.replies.lines import indent, merged, placed, plain, step, trimmed
from ocode_tools.replies.units import (
    Definition,
    Home,
    candidates,
    code_lines,
    first_line,
    homes,
    is_left_out,
    last_line,
    paired,
    source_lines,
)
from ocode_tools.source import Change, Function, Source


@dataclass(slots=True)
class Splice:
    """What changes when code goes into a file; `wanted` are the dotted names that were asked for."""

    source: Source
    code: Code
    wanted: tuple[str, ...]
    known: list[Home] = field(init=False)
    changes: list[Change] = field(default_factory=list[Change])
    touched: list[int] = field(default_factory=list[int])
    used: list[ast.stmt] = field(default_factory=list[ast.stmt])
    hit: set[str] = field(default_factory=set[str])

    def __post_init__(self) -> None:
        self.known = homes(self.source)

    def result(self) -> list[Change]:
        """All changes. Raises Unfit where a definition cannot be placed, or what was asked for is not there."""
        body = self.code.tree.body
        fresh: list[ast.stmt] = []
        for name, nodes in _by_name(body).items():
            fresh += self._definitions(nodes, candidates(name, nodes, self.known, self.wanted))
        fresh += self._statements(body)
        self._check_wanted(fresh)
        self._insert([node for node in body if node in fresh])
        self.changes += missing_imports(self.source, self.code.tree, self.used)
        return self.changes

    def _definitions(self, nodes: Sequence[Definition], found: Sequence[Home]) -> Sequence[Definition]:
        """Replace what the file has of these; the others are new."""
        if not found:
            return nodes[-1:]
        for node, home in paired(nodes, found, self.code, self.source):
            if isinstance(node, ast.ClassDef) and isinstance(home.node, ast.ClassDef):
                self._class(node, home, home.node)
            elif home.name not in self.wanted and is_left_out(node, home, self.code, self.source):
                self.hit.add(home.name)
            else:
                self._whole(node, home)
        return ()

    def _whole(self, node: Definition, home: Home) -> None:
        """Put a definition in the place of another; decorators and a docstring that the reply leaves out stay."""
        first = home.first if node.decorator_list else home.node.lineno
        lines = self._placed(node, source_lines(self.source, first, home.last)[0], home)
        above = first_line(node.body[0]) - first_line(node)
        if (said := _docstring(home.node)) and above > 0 and ast.get_docstring(node) is None:
            while not (head := lines[above - 1].strip()) or head.startswith("#"):
                above -= 1
            lines[above:above] = source_lines(self.source, said.lineno, said.end_lineno or said.lineno)
        mine = plain(self.code.text)
        noted = last_line(node, mine) > (
            node.end_lineno or 0
        )  # comments at the end of a body stay if none replace them
        self._replace(first, home.last if noted else home.node.end_lineno or home.last, lines)
        self.hit.add(home.name)
        self.used.append(node)

    def _replace(self, first: int, last: int, lines: Sequence[str]) -> None:
        start, end = self.source.lines(first, last)
        text = merged(self.source.text[start:end], lines, self.source.eol)
        self.touched.append(first)
        if text != self.source.text[start:end]:
            self.changes.append(Change(start, end, text))

    def _placed(self, node: ast.stmt, model: str, home: Home | None = None) -> list[str]:
        strings = frozenset(
            part.value
            for part in (ast.walk(home.node) if home else ())
            if isinstance(part, ast.Constant) and isinstance(part.value, str)
        )
        return placed(code_lines(self.code, node), indent(model), self._step(home), strings)

    def _step(self, home: Home | None) -> str:
        lines = plain(self.source.text)
        for one in [home] if home else self.known:
            body, header = one.node.body[0] if one else None, lines[one.node.lineno - 1] if one else ""
            if body and body.lineno > (one.node.lineno if one else 0):
                return indent(lines[body.lineno - 1]).removeprefix(indent(header))
        return step(lines)

    def _class(self, node: ast.ClassDef, home: Home, old: ast.ClassDef) -> None:
        """A class with all members takes the place of the old one; of one with some, each takes its namesake's."""
        lines = plain(self.code.text)
        text = lines[first_line(node) - 1 : last_line(node, lines)]
        lost = _members(old) - _members(node)  # counted: a property and its setter have one name
        left_out = any(map(_is_ellipsis, node.body)) or any(
            line.lstrip().startswith("#") and stands_for_code(line) for line in text
        )
        stubs = any(
            is_left_out(part, one, self.code, self.source)
            for part in node.body
            if isinstance(part, Function)
            for one in self.known
            if one.name == f"{home.name}.{part.name}"
        )
        keeps_head = bool(node.bases or node.keywords) or not (old.bases or old.keywords)
        keeps_doc = ast.get_docstring(node) is not None or ast.get_docstring(old) is None
        if not lost and not left_out and not stubs and keeps_head and keeps_doc:
            return self._whole(node, home)
        self.hit.add(home.name)
        fresh: list[Definition] = []
        for name, nodes in _by_name(node.body).items():
            fresh += self._definitions(nodes, [one for one in self.known if one.name == f"{home.name}.{name}"])
        self._values(node.body, old.body)
        self._members_in(fresh, node, home, old)
        return None

    def _members_in(self, fresh: Sequence[ast.stmt], node: ast.ClassDef, home: Home, old: ast.ClassDef) -> None:
        """Insert new members of a class before the next one that the file has too, or at the class's end."""
        for part in (part for part in node.body if part in fresh):
            later = {getattr(one, "name", "") for one in node.body[node.body.index(part) + 1 :]}
            after = [one for one in old.body if isinstance(one, Definition) and one.name in later]
            model = plain(self.source.text)[old.body[-1].lineno - 1]
            lines = self._placed(part, model)
            self.used.append(part)
            if after:
                self._put_before(first_line(after[0]), [*lines, ""])
            else:
                self._put_after(home.last, ["", *lines])

    def _statements(self, body: Sequence[ast.stmt]) -> list[ast.stmt]:
        """Blocks that define functions take the place of their likes; changed constants too. The new ones come back."""
        tree = self.source.tree
        for node in body:
            if names := _defined(node):
                likes = [one for one in tree.body if type(one) is type(node) and _defined(one) == names]
                if len(likes) == 1:
                    last = last_line(likes[0], plain(self.source.text))
                    model = source_lines(self.source, likes[0].lineno, last)[0]
                    self._replace(likes[0].lineno, last, self._placed(node, model))
                    self.hit |= {
                        home.name for home in self.known if home.first >= likes[0].lineno and home.last <= last
                    }
                    self.used.append(node)
        return self._values(body, tree.body)

    def _values(self, body: Sequence[ast.stmt], old: Sequence[ast.stmt]) -> list[ast.stmt]:
        fresh: list[ast.stmt] = []
        for node in body:
            if not (names := _assigned(node)):
                continue
            likes = [one for one in old if _assigned(one) == names]
            if "__all__" in names and self.wanted:
                continue
            if len(likes) == 1 and ast.dump(likes[0]) != ast.dump(node):
                self._replace(likes[0].lineno, likes[0].end_lineno or 0, self._placed(node, self._line(likes[0])))
                self.used.append(node)
            elif not likes:
                fresh.append(node)
        return fresh

    def _line(self, node: ast.stmt) -> str:
        return plain(self.source.text)[node.lineno - 1]

    def _check_wanted(self, fresh: Sequence[ast.stmt]) -> None:
        """What was asked for must be among what is replaced."""
        if not self.wanted or self.hit:
            return
        names = [node.name for node in fresh if isinstance(node, Definition)]
        asked = self.wanted[0].rpartition(".")[2]
        if len(names) == 1:
            raise Unfit(f"the reply renames {asked} to {names[0]}", f"Keep the name {asked}; send the whole {asked}.")
        if names or not self.changes:
            has = f"only {', '.join(names[:3])}" if names else "no function"
            raise Unfit(f"the reply holds {has}, not {asked}", f"Send the whole function {asked} in one fenced block.")

    def _insert(self, fresh: Sequence[ast.stmt]) -> None:
        """New helpers and constants go before the first statement that changes, if anything uses them."""
        needed = [node for node in self._reachable(fresh) if not _is_test(node)]
        for node in needed:
            self.used.append(node)
            if not self.touched:
                lines = self._placed(node, "")
                self._put_after(len(self.source.starts), ["", "", *lines])
                continue
            home = self._method_at(min(self.touched)) if _takes_self(node) else None
            tops = [one for one in self.source.tree.body if first_line(one) <= min(self.touched)]
            first = home.first if home else first_line(tops[-1])
            last = node is needed[-1] or isinstance(node, Definition)
            blank = [""] if home else ["", ""] if last else []
            self._put_before(first, [*self._placed(node, plain(self.source.text)[first - 1]), *blank])

    def _reachable(self, fresh: Sequence[ast.stmt]) -> list[ast.stmt]:
        waiting, found = [*self.used], list[ast.stmt]()
        if not self.wanted:
            return list(fresh)
        while waiting:
            names = {getattr(part, "id", getattr(part, "attr", "")) for part in ast.walk(waiting.pop())}
            new = [
                node for node in fresh if node not in found and names & (_assigned(node) | {getattr(node, "name", "")})
            ]
            found += new
            waiting += new
        return [node for node in fresh if node in found]

    def _method_at(self, line: int) -> Home | None:
        inner = [home for home in self.known if home.first <= line <= home.last and "." in home.name]
        return next((home for home in inner if isinstance(home.node, Function)), None)

    def _put_before(self, line: int, lines: Sequence[str]) -> None:
        """Insert lines above a line and the comments that stand directly on it."""
        have = plain(self.source.text)
        while line > 1 and have[line - 2].lstrip().startswith("#") and indent(have[line - 2]) == indent(have[line - 1]):
            line -= 1
        start = self.source.starts[line - 1]
        self.changes.append(Change(start, start, "".join(one + self.source.eol for one in lines)))

    def _put_after(self, line: int, lines: Sequence[str]) -> None:
        _, end = self.source.lines(1, min(line, len(self.source.starts)))
        text = self.source.eol.join(trimmed(lines) if not self.source.text[:end] else lines)
        ended = self.source.text[:end].endswith(("\n", "\r"))
        whole = text + self.source.eol if ended else self.source.eol + text
        self.changes.append(Change(end, end, whole))


def _by_name(body: Iterable[ast.stmt]) -> dict[str, list[Definition]]:
    found: dict[str, list[Definition]] = {}
    for node in body:
        if isinstance(node, Definition):
            found.setdefault(node.name, []).append(node)
    return found


def _defined(node: ast.stmt) -> frozenset[str]:
    """The functions and classes that a compound statement defines."""
    if not isinstance(node, ast.If | ast.Try | ast.With | ast.For | ast.While):
        return frozenset()
    return frozenset(part.name for part in ast.walk(node) if isinstance(part, Definition))


def _assigned(node: ast.stmt) -> frozenset[str]:
    if isinstance(node, ast.Assign):
        return frozenset(part.id for target in node.targets for part in ast.walk(target) if isinstance(part, ast.Name))
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return frozenset({node.target.id})
    return frozenset()


def _members(node: ast.ClassDef) -> Counter[str]:
    names = Counter(part.name for part in node.body if isinstance(part, Definition))
    return names + Counter(name for part in node.body for name in _assigned(part))


def _docstring(node: Definition) -> ast.stmt | None:
    """The docstring where it has lines of its own."""
    own = node.body[0].lineno > node.lineno
    return node.body[0] if own and ast.get_docstring(node) is not None else None


def _is_ellipsis(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and node.value.value is ...


def _is_test(node: ast.stmt) -> bool:
    return isinstance(node, Function) and node.name.startswith("test_")


def _takes_self(node: ast.stmt) -> bool:
    return isinstance(node, Function) and [arg.arg for arg in node.args.args[:1]] in (["self"], ["cls"])
