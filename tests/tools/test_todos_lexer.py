"""Which marks stand in comments and which do not, in every family of languages."""

from __future__ import annotations

import io
import re
import sysconfig
import tokenize
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocode_tools.todos.families import FAMILIES
from ocode_tools.todos.find import todos
from ocode_tools.todos.languages import family

# Each text says TODO yes where a TODO is to be found, and TODO no where none is.
TEXTS = {
    "python strings": ("a.py", "x = '# TODO no'; y = \"# TODO no\"  # TODO yes\n"),
    "python triple quotes": ("a.py", 'x = """\n# TODO no\n"""  # TODO yes\n# TODO yes\n'),
    "python raw and escaped": ("a.py", "x = r'\\'; y = '\\' # TODO no'  # TODO yes\n"),
    "python continued string": ("a.py", "x = 'a \\\n# TODO no'\ny = 1  # TODO yes\n"),
    "python f-string": ("a.py", "x = f'{a:#x} # TODO no'  # TODO yes\n"),
    "python f-string, same quotes": ("a.py", 'x = f"{d["# TODO no"]}"  # TODO yes\n'),
    "python f-string, deeper": ("a.py", 'x = f"{f"{d["}"]} # TODO no"!r:>{w}} # TODO no"  # TODO yes\n'),
    "python f-string, doubled braces": ("a.py", "x = f'{{ # TODO no' + f'{d[\"}\"]}}}'  # TODO yes\n"),
    "python f-string of lines": ("a.py", 'x = f"""\n{d["""# TODO no"""]}\n# TODO no\n"""  # TODO yes\n'),
    "python f-string, a comment inside": ("a.py", 'x = f"{\n  a  # TODO yes\n}"  # TODO yes\n'),
    "python template string": ("a.py", 'x = t"{d["# TODO no"]}"  # TODO yes\n'),
    "python, CRLF": ("a.py", "x = 'a \\\r\n# TODO no'\r\n# TODO yes\r\n"),
    "python, old Mac": ("a.py", "x = 1  # TODO yes\ry = '# TODO no'\r"),
    "python, form feed and tabs": ("a.py", "\f\nif x:\n\ty = '# TODO no'\t# TODO yes\n"),
    "python, no end": ("a.py", "# TODO yes\nx = '''\n# TODO no"),
    "python, shebang": ("tool", "#!/usr/bin/env python3\n# TODO yes\n'# TODO no'\n"),
    "shell": ("a.sh", "echo '# TODO no' \"# TODO no\" a#TODO-no ${x#TODO no} $# # TODO yes\n"),
    "shell, strings in strings": ("a.sh", 'x="$(echo "# TODO no" \')\')" # TODO yes\n'),
    "shell heredoc": ("a.sh", "cat <<-'EOF' # TODO-no\n# TODO no\n\tEOF\necho $((1<<x)) # TODO yes\n"),
    "shell here string": ("a.sh", "cat <<<EOF # TODO yes\n# TODO yes\n"),
    "ruby": ("a.rb", 'x = "#{h["# TODO no"]}" + %w[# TODO no] # TODO yes\n=begin\nTODO yes\n=end\n'),
    "ruby heredoc, regex, modulo": ("a.rb", "x = <<~E\n # TODO no\nE\ny = /['\"#]/ # TODO yes\nz = a % b # TODO yes\n"),
    "perl": ("a.pl", "my $n = $#x; # TODO yes\n=pod\n\n# TODO no\n\n=cut\n# TODO yes\n"),
    "yaml": ("a.yml", "a: it's a#TODO-no # TODO yes\nb: |\n  # TODO no\n\n  x\nc: 'x # TODO no' # TODO yes\n"),
    "toml": ("a.toml", "a = '''\n# TODO no\n''' # TODO yes\nb = 'c:\\' # TODO yes\n"),
    "make": ("Makefile", "a: b \\# TODO-no\n\techo '# TODO no' # TODO yes\n"),
    "docker": ("Dockerfile", "# TODO yes\nRUN <<EOF\n# TODO no\nEOF\n"),
    "ini": ("a.ini", "; TODO yes\nurl = a#TODO-no\n"),
    "c": ("a.c", "char c = '\"'; // TODO yes\nchar *s = \"// TODO no\"; /* TODO yes */ int n = 1'000; // TODO yes\n"),
    "c continued comment": ("a.c", "// a \\\n TODO yes\nint x;\n"),
    "c++ raw": ("a.cpp", 'auto s = R"x( // TODO no )" )x"; // TODO yes\n'),
    "java text block": ("A.java", 'var s = """\n// TODO no\n"""; // TODO yes\n'),
    "c# verbatim": ("a.cs", 'a = @"\\"; // TODO yes\nb = $"{d["// TODO no"]}"; // TODO yes\n'),
    "c# raw": ("a.cs", 'c = """" // TODO no """ \n"""" ; // TODO yes\n'),
    "go": ("a.go", "s := `\n// TODO no\n` // TODO yes\nr := '\"' // TODO yes\n"),
    "rust lifetimes and chars": ("a.rs", "fn f<'a>(x: &'a str) { let c = '\"'; } // TODO yes\n"),
    "rust nested comment": ("a.rs", "/* a /* b */ TODO yes */ let s = \"// TODO no\"; // TODO yes\n"),
    "rust raw": ("a.rs", 'let s = r#" " // TODO no "#; // TODO yes\n'),
    "swift": ("a.swift", 'let s = "\\(d["// TODO no"])" // TODO yes\nlet r = #" " // TODO no "# // TODO yes\n'),
    "kotlin": ("a.kt", 'val s = "${d["// TODO no"]}" // TODO yes\nval r = """\n// TODO no\n""" // TODO yes\n'),
    "javascript regex": ("a.js", "a = /[\"'`/]/; // TODO yes\nreturn /\\/\\/ TODO no/; // TODO yes\n"),
    "javascript division": ("a.js", "a = b / c; // TODO yes\nd = x / '/ TODO no'; // TODO yes\n"),
    "javascript template": ("a.ts", "a = `x ${ `// TODO no` /* TODO yes */ } // TODO no`; // TODO yes\n"),
    "jsx": ("a.jsx", "<p>don't</p> // TODO yes\n<Foo bar={x} /> // TODO yes\n{/* TODO yes */}\n"),
    "php": ("a.php", "<?php\n$s = <<<E\n// TODO no\nE;\n#[A]\n# TODO yes\n"),
    "php, text around it": ("a.php", "<?php\n// TODO yes ?> // TODO no\n<?php // TODO yes\n"),
    "css": ("a.css", "a { b: '/* TODO no */' } /* TODO yes */\n"),
    "scss": ("a.scss", "a { b: url(http://x) } // TODO yes\n"),
    "sql": ("a.sql", "select 'it''s -- TODO no' -- TODO yes\n/* TODO yes */\n"),
    "sql, half a nested comment": ("a.sql", "/* a /* TODO yes */\nselect 1 -- TODO yes\n"),
    "lua": ("a.lua", "s = [==[ -- TODO no ]] ]==] -- TODO yes\n--[[ TODO yes ]] x = 1 --[ TODO yes\n"),
    "haskell": ("a.hs", "f' = '\"' -- TODO yes\nx --> y TODO-no\n{- a {- b -} TODO yes -}\n"),
    "html": ("a.html", "<p>TODO no, don't</p> <!-- TODO yes -->\n"),
    "markdown": ("a.md", "TODO no <!-- TODO yes -->\n```\n<!-- TODO no -->\n```\n`<!-- TODO no -->`\n"),
    "lisp": ("a.el", '(f "; TODO no" ?\\" ?; ) ; TODO yes\n'),
    "clojure": ("a.clj", '(f \\" \\;) ; TODO yes\n'),
    "tex": ("a.tex", "50\\% TODO no % TODO yes\n"),
    "ocaml": ("a.ml", '(* a (* b *) TODO yes *) let s = "(* TODO no *)"\n'),
    "batch": ("a.bat", "REM TODO yes\necho REMTODO no\n:: TODO yes\n"),
    "fortran": ("a.f90", "s = '! TODO no' ! TODO yes\n"),
}  # fmt: skip


@pytest.mark.parametrize(("path", "text"), TEXTS.values(), ids=TEXTS)
def test_marks_in_comments_are_found_and_no_others(path: str, text: str) -> None:
    found = todos(path, text.encode())
    assert [re.sub(r".*TODO ", "TODO ", f"{todo.tag} {todo.text}")[:8] for todo in found] == ["TODO yes"] * len(
        re.findall("TODO yes", text)
    )


def test_every_family_is_named_by_some_file_and_has_a_pattern() -> None:
    assert {family("x.py", b""), family("Makefile", b""), family("x.tsx", b"")} <= FAMILIES.keys()
    for name in FAMILIES:
        assert todos(f"x.{name}", b"") == []


@pytest.mark.parametrize("name", ["argparse", "datetime", "tarfile", "typing", "_pyio", "zipfile", "unittest/mock"])
def test_python_is_read_as_tokenize_reads_it(name: str) -> None:
    file = Path(sysconfig.get_paths()["stdlib"], f"{name}.py")
    data = file.read_bytes()
    words = ("TODO", "FIXME", "XXX", "the", "is")
    mark = re.compile(rf"(?<!\w)({'|'.join(words)})(?!\w)")
    tokens = tokenize.tokenize(io.BytesIO(data).readline)
    truth = {token.start[0] for token in tokens if token.type == tokenize.COMMENT and mark.search(token.string)}
    found = {line for todo in todos("x.py", data, words) for line in range(todo.line, todo.last + 1)}
    assert truth <= found
    assert {todo.line for todo in todos("x.py", data, words)} <= truth


PIECES = (
    *(
        '"',
        "'",
        "`",
        '"""',
        "'''",
        "/*",
        "*/",
        "//",
        "#",
        "\n",
        "\\",
        "{",
        "}",
        "f",
        "r",
        "$(",
        "${",
        "<<E",
        "E",
        "|",
        " ",
    ),
    *("TODO", "TODO(x): ", "--[[", "<!--", "%", ":", "\r", "é"),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_whatever_a_file_holds_it_is_read_to_its_end(pieces: list[str]) -> None:
    text = "".join(pieces)
    lines = text.count("\n") + 1
    for path in ("a.py", "a.sh", "a.ts", "a.rb", "a.rs", "a.cs", "a.yml", "a.lua", "a.swift", "a.php", "a.sql"):
        for todo in todos(path, text.encode("latin-1"), docstrings=True):
            assert 1 <= todo.line <= todo.last <= lines
            assert todo.column >= 1


def test_long_lines_and_many_quotes_cost_no_more_than_they_are_long() -> None:
    long = "x=[" + "'a',\"b\",/c/,`d`," * 20_000 + "] // TODO yes\n"
    assert [todo.text for todo in todos("a.js", long.encode())] == ["yes"]
    assert [todo.text for todo in todos("a.py", b"x = " + b'f"{' * 3000 + b"\n# TODO yes\n")] == ["yes"]
    assert [todo.line for todo in todos("a.sh", b"a <<E\n" * 2000 + b"# TODO yes\n")] == [2001]
