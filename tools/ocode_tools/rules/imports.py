"""A missing import: of a standard module, a well-known name, the project's own; a name imported from elsewhere."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator

from ocode_tools.rules.base import EVIDENT, Candidate, Place, Scope, exception, places, propose, summary
from ocode_tools.source import Change, Source
from ocode_tools.symbols import names_of, unbound

_NAMES = {
    "abc": "ABC ABCMeta abstractmethod",
    "bisect": "bisect bisect_left bisect_right insort",
    "collections": "ChainMap Counter OrderedDict defaultdict deque namedtuple",
    "collections.abc": "AsyncIterator Awaitable Collection Container Generator Hashable ItemsView Iterable Iterator"
    " KeysView Mapping MutableMapping MutableSequence MutableSet Sequence Sized ValuesView",
    "concurrent.futures": "ProcessPoolExecutor ThreadPoolExecutor as_completed",
    "contextlib": "ExitStack closing contextmanager nullcontext redirect_stdout suppress",
    "copy": "copy deepcopy",
    "dataclasses": "asdict astuple dataclass field fields is_dataclass",
    "datetime": "date datetime timedelta timezone tzinfo",
    "decimal": "ROUND_HALF_EVEN ROUND_HALF_UP Decimal InvalidOperation",
    "enum": "Enum Flag IntEnum IntFlag StrEnum auto",
    "fractions": "Fraction",
    "functools": "cache cached_property lru_cache partial reduce singledispatch total_ordering wraps",
    "glob": "glob",
    "heapq": "heapify heappop heappush heapreplace nlargest nsmallest",
    "html": "escape unescape",
    "io": "BytesIO StringIO",
    "itertools": "accumulate chain combinations count cycle dropwhile groupby islice pairwise permutations product"
    " repeat starmap takewhile tee zip_longest",
    "json": "JSONDecodeError",
    "math": "atan2 ceil cos exp factorial floor gcd hypot inf isclose isnan isqrt log log10 log2 nan pi radians sin"
    " sqrt tan trunc",
    "operator": "attrgetter itemgetter methodcaller mul",
    "pathlib": "Path PosixPath PurePath PurePosixPath",
    "pprint": "pformat pprint",
    "queue": "Empty PriorityQueue Queue",
    "random": "choice randint sample shuffle uniform",
    "shutil": "copyfile copytree rmtree which",
    "statistics": "mean median mode pstdev stdev variance",
    "string": "Template ascii_letters ascii_lowercase ascii_uppercase digits punctuation",
    "textwrap": "dedent indent shorten",
    "threading": "Event Lock RLock Thread",
    "time": "monotonic perf_counter sleep time",
    "types": "MappingProxyType ModuleType SimpleNamespace TracebackType",
    "typing": "Any Callable ClassVar Dict Final Generic List Literal NamedTuple NoReturn Optional Protocol Set Tuple"
    " TYPE_CHECKING Type TypeVar TypedDict Union cast overload",
    "urllib.parse": "parse_qs quote unquote urlencode urljoin urlparse urlsplit",
    "uuid": "UUID uuid4",
}
KNOWN = {name: module for module, names in _NAMES.items() for name in names.split()}
"""Names of the standard library that people use without their module, and that module."""

_ON_TOP = re.compile(r"#!|#.*coding[:=]")  # an interpreter line, an encoding (PEP 263)
_DATETIME = set(_NAMES["datetime"].split())
_Way = tuple[str, str]  # (module, name to import from it, or nothing for the module itself)


def missing_imports(scope: Scope) -> Iterator[Candidate]:
    """Candidates that import a name which the file uses and nothing defines."""
    tree = scope.source.tree
    wanted = {node.id: 1.0 for node in unbound(tree, scope.unit.node)}
    for failure in scope.failures:
        if exception(failure) == "NameError" and failure.name and failure.name not in names_of(tree):
            wanted[failure.name] = EVIDENT
    for name, factor in wanted.items():
        for number, way in enumerate(_ways(scope, name)):
            changes = (_added(scope, way),)
            yield Candidate(
                scope.source.path,
                changes,
                "import",
                scope.source.line(changes[0].start),
                summary(scope.source.path.rpartition("/")[2], f"import {name}"),
                scope.suspect.score * factor * 0.8**number,
            )


def _ways(scope: Scope, name: str) -> list[_Way]:
    """The imports that would define a name, the likeliest first; none when the file does not use it."""
    attrs: set[str] = set()
    used = bare = False
    for node in ast.walk(scope.source.tree):
        match node:
            case ast.Attribute(value=ast.Name(id=found), attr=attr) if found == name:
                attrs.add(attr)
            case ast.Call(func=ast.Name(id=found)) if found == name:
                bare = True
            case ast.Name(id=found) if found == name:
                used = True
            case _:
                pass
    if not used:
        return []
    ways: list[_Way] = [(KNOWN[name], name)] if name in KNOWN else []
    if name in sys.stdlib_module_names and not name.startswith("_"):
        through = bool(attrs) and not bare and (name != "datetime" or bool(attrs & _DATETIME))
        ways.insert(0 if through else len(ways), (name, ""))
    own = scope.symbols.module(scope.source.path)
    ways += [(symbol.module, name) for symbol in scope.symbols.find(name) if symbol.module != own]
    modules = [module for module in scope.symbols.modules() if module.rpartition(".")[2] == name and module != own]
    return ways + [(head, name) if head else (name, "") for head in (m.rpartition(".")[0] for m in modules)]


def moved_imports(scope: Scope) -> Iterator[Candidate]:
    """Candidates that import a name from the module that has it, where importing it from another one failed."""
    names = {failure.name for failure in scope.failures if exception(failure) == "ImportError"}
    for place in places(scope.unit):
        match place.node:
            case ast.ImportFrom(names=aliases) as node:
                for alias in aliases:
                    if alias.name in names:
                        yield from _moved(scope, place, node, alias)
            case _:
                pass


def _moved(scope: Scope, place: Place, node: ast.ImportFrom, alias: ast.alias) -> Iterator[Candidate]:
    name = alias.name
    modules = [KNOWN[name]] if name in KNOWN else []
    own = scope.symbols.module(scope.source.path)
    modules += [symbol.module for symbol in scope.symbols.find(name) if symbol.module != own]
    for module in modules:
        text = _spelt(scope, module)
        if _module(node) in (text, module):
            continue
        if len(node.names) == 1:
            head = list(scope.source.tokens(scope.source.span(node)[0], scope.source.span(alias)[0]))
            last = max(at for at, token in enumerate(head) if token.text == "import")
            changes = [Change(head[1].start, head[last - 1].end, text)]
        else:
            item = scope.source.segment(alias)
            changes = [_without(scope.source, node, alias), _added(scope, (module, item))]
        yield from propose(
            scope, place, "import", changes, f"import {name} from {module}", f"import {name}", factor=EVIDENT
        )


def _without(source: Source, node: ast.ImportFrom, alias: ast.alias) -> Change:
    at = node.names.index(alias)
    if at + 1 < len(node.names):
        return Change(source.span(alias)[0], source.span(node.names[at + 1])[0], "")
    return Change(source.span(node.names[at - 1])[1], source.span(alias)[1], "")


def _module(node: ast.ImportFrom) -> str:
    return "." * node.level + (node.module or "")


def _spelt(scope: Scope, module: str) -> str:
    """A project module as the file spells its own package's: relative where it already imports like that."""
    relative = any(isinstance(node, ast.ImportFrom) and node.level for node in scope.source.tree.body)
    own = scope.symbols.module(scope.source.path).split(".")
    package = own if scope.source.path.endswith("/__init__.py") else own[:-1]
    parts = module.split(".")
    if not relative or not package or parts[0] != package[0]:
        return module
    shared = next((n for n, pair in enumerate(zip(package, parts, strict=False)) if pair[0] != pair[1]), None)
    shared = min(len(package), len(parts)) if shared is None else shared
    return "." * (len(package) - shared + 1) + ".".join(parts[shared:])


def _added(scope: Scope, way: _Way) -> Change:
    """The change that adds an import where the file has its imports, in their order and with its line ends."""
    source = scope.source
    module, item = _spelt(scope, way[0]) if way[1] else way[0], way[1]
    new = f"from {module} import {item}" if item else f"import {module}"
    body = source.tree.body
    doc = bool(body) and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
    leading: list[ast.Import | ast.ImportFrom] = []
    for node in body[doc:]:
        if not isinstance(node, ast.Import | ast.ImportFrom):
            break
        leading.append(node)
        if isinstance(node, ast.ImportFrom) and item and _module(node) == module and node.names[-1].name != "*":
            end = source.span(node.names[-1])[1]
            return Change(end, end, f", {item}")
    if leading:
        return _among(scope, leading, new, _order(scope, module, bool(item)))
    return _first(source, body[0] if doc else None, new)


_Order = tuple[int, bool, str]


def _order(scope: Scope, module: str, item: bool) -> _Order:
    """Where isort's default puts an import: future, standard, others, the project's; plain ones first."""
    top = module.partition(".")[0]
    own = {name.partition(".")[0] for name in scope.symbols.modules()}
    group = 0 if top == "__future__" else 1 if top in sys.stdlib_module_names else 3 if not top or top in own else 2
    return group, item, module.lower()


def _among(scope: Scope, leading: list[ast.Import | ast.ImportFrom], new: str, order: _Order) -> Change:
    source, eol = scope.source, scope.source.eol
    orders = [
        _order(scope, _module(node), True)
        if isinstance(node, ast.ImportFrom)
        else _order(scope, node.names[0].name, False)
        for node in leading
    ]
    before = [at for at, other in enumerate(orders) if other <= order]
    at = before[-1] if before else -1
    behind = leading[at + 1] if at + 1 < len(leading) else None
    if behind and behind.col_offset == 0 and (at < 0 or orders[at][0] != order[0]):
        same = orders[at + 1][0] == order[0]
        if same or at < 0:
            start = source.starts[behind.lineno - 1]
            return Change(start, start, new + eol + ("" if same else eol))
    previous = leading[max(at, 0)]
    blank = "" if orders[max(at, 0)][0] == order[0] else eol
    return _below(source, previous.end_lineno or previous.lineno, blank + new)


def _first(source: Source, doc: ast.stmt | None, new: str) -> Change:
    """The file's first import: below the docstring, else below the opening comment, else on top."""
    if doc:
        line = doc.end_lineno or doc.lineno
        return _below(source, line, source.eol + new + (source.eol if _text(source, line + 1) else ""))
    header = 0
    while _text(source, header + 1).startswith("#"):
        header += 1
    if _text(source, header + 1):  # the comment belongs to the code right below it, but for what must be on top
        header = sum(1 for line in (1, 2) if line <= header and _ON_TOP.match(_text(source, line)))
    text = new + (source.eol if _text(source, header + 1) else "")
    return _below(source, header, source.eol + text) if header else Change(0, 0, text + source.eol)


def _text(source: Source, line: int) -> str:
    """A line without the space around it; empty past the end."""
    return source.text[slice(*source.lines(line, line))].strip() if line <= len(source.starts) else ""


def _below(source: Source, line: int, new: str) -> Change:
    if line < len(source.starts):
        return Change(source.starts[line], source.starts[line], new + source.eol)
    end = len(source.text)
    return Change(end, end, source.eol + new)
