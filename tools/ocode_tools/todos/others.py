"""Languages whose comments begin with anything but a hash or a slash."""

from __future__ import annotations

from ocode_tools.todos import special
from ocode_tools.todos.base import CHAR, QUOTES, SLASHES, UTF8, Family, Rule, block, call, line, quoted, triple

_SYMBOL = rb"[!#$%&*+./<=>?@\\^|~:-]"  # of an operator of Haskell
FAMILIES = (
    Family(
        "sql",
        (
            line(b"--"),
            call(special.nested(b"/*", b"*/"), b"/*"),
            quoted(b"'", lines=True, escape=False, double=True),
            quoted(b'"', escape=False, double=True),
            quoted(b"`", escape=False),
        ),
    ),
    Family("lua", (call(special.long_bracket, b"--["), line(b"--"), call(special.long_bracket, b"["), *QUOTES)),
    Family(
        "haskell",
        (
            call(special.nested(b"{-", b"-}"), b"{-"),
            line(b"--", b"(?<!" + _SYMBOL + b"--)-*(?!" + _SYMBOL + rb")[^\r\n]*"),
            quoted(b'"', lines=True),
            Rule("string", b"'", rb"(?<!\w')(?:\\[^'\r\n]{1,8}|(?!['\\\r\n])" + UTF8 + rb")'"),
        ),
    ),
    Family("ada", (line(b"--"), quoted(b'"', escape=False, double=True), Rule("string", b"'", rb"[\"'-]'")), ()),
    Family("ocaml", (call(special.nested(b"(*", b"*)"), b"(*"), quoted(b'"', lines=True), CHAR)),
    Family(
        "fsharp",
        (
            call(special.nested(b"(*", b"*)"), b"(*", rb"(?!\))"),
            line(b"//"),
            triple(b'"'),
            quoted(b'"', lines=True),
            CHAR,
        ),
    ),
    Family("pascal", (block(b"(*", b"*)"), block(b"{", b"}"), line(b"//"), quoted(b"'", escape=False, double=True))),
    Family("html", (block(b"<!--", b"-->"),), (b"<!--",)),
    Family("xml", (block(b"<!--", b"-->"), Rule("text", b"<![CDATA[", rb".*?\]\]>"))),
    Family(
        "markdown",
        (
            block(b"<!--", b"-->"),
            Rule("text", b"```", rb".*?(?:```|\Z)"),
            Rule("text", b"~~~", rb".*?(?:~~~|\Z)"),
            quoted(b"`", escape=False),
        ),
    ),
    Family(
        "lisp",
        (
            call(special.nested(b"#|", b"|#"), b"#|"),
            Rule("string", b"#\\", rb"."),
            Rule("string", b"\\", rb"."),
            Rule("string", b"?", rb"\\?[\";]"),
            line(b";"),
            quoted(b'"', lines=True),
        ),
    ),
    Family(
        "asm", (line(b";"), line(b"#"), *SLASHES, line(b"@", rb"(?<![^\s]@)(?=\s)[^\r\n]*"), quoted(b'"')), (b"/*",)
    ),
    Family(
        "tex",
        (Rule("string", b"\\", rb"[^\r\n]"), Rule("text", b"\\begin{verbatim}", rb".*?\\end\{verbatim\}"), line(b"%")),
    ),
    Family("percent", (line(b"%"), quoted(b'"'), Rule("string", b"$", rb"[%\"']")), ()),
    Family(
        "matlab",
        (
            block(b"%{", b"%}"),
            line(b"%"),
            quoted(b'"', escape=False),
            quoted(b"'", escape=False, after=rb"(?<![\w\])}.']')"),
        ),
    ),
    Family("fortran", (line(b"!"), quoted(b'"', escape=False), quoted(b"'", escape=False)), ()),
    Family("basic", (line(b"'"), quoted(b'"', escape=False)), ()),
    Family(
        "batch",
        (
            line(b"::", rb"(?<![^\s]::)[^\r\n]*"),
            line(b"REM", rb"(?<![^\s@]REM)(?=\s)[^\r\n]*"),
            line(b"rem", rb"(?<![^\s@]rem)(?=\s)[^\r\n]*"),
        ),
        (),
    ),
)
