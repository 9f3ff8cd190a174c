"""Languages whose comments begin with a slash."""

from __future__ import annotations

from ocode_tools.todos import holes, special
from ocode_tools.todos.base import CHAR, QUOTES, SLASHES, UTF8, Family, Rule, block, call, line, quoted, triple

_NESTED = call(special.nested(b"/*", b"*/"), b"/*")
_JAVASCRIPT = (
    line(b"//"),
    block(b"/*", b"*/"),
    *QUOTES,
    Rule("text", b"`", rb"[^`\\$]*+(?:(?:\\.|\$(?!\{))[^`\\$]*+)*+`"),
    call(holes.javascript, b"`"),
    Rule("string", b"/", rb"(?<=[(,=:\[!&|?;]/)(?:[^/\\\[\r\n]|\\[^\r\n]|\[(?:[^\]\\\r\n]|\\[^\r\n])*+\])++/"),
    call(special.regex, b"/"),
)
FAMILIES = (
    Family(
        "c",
        (*SLASHES, call(special.cpp_raw, b'"', rb'(?<=R")(?=[^\s()\\]{0,16}\()'), quoted(b'"'), CHAR),
        (b"/*", b'R"'),
    ),
    Family("java", (*SLASHES, triple(b'"'), quoted(b'"'), CHAR), (b"/*", b'"""')),
    Family(
        "csharp",
        (
            *SLASHES,
            call(special.csharp_raw, b'"""'),
            quoted(b'"', lines=True, escape=False, double=True, after=rb'(?:(?<=@")|(?<=@\$"))'),
            call(holes.csharp, b'"', rb'(?<=\$")'),
            quoted(b'"'),
            CHAR,
        ),
    ),
    Family("go", (*SLASHES, quoted(b"`", lines=True, escape=False), quoted(b'"'), CHAR), (b"/*", b"`")),
    Family(
        "rust",
        (
            line(b"//"),
            _NESTED,
            call(special.rust_raw, b'"', rb'(?<=[r#]")'),
            quoted(b'"', lines=True),
            Rule("string", b"'", rb"(?:\\(?:u\{[^}\r\n]*\}|x..|.)|(?!['\\\r\n])" + UTF8 + rb")'"),
        ),
    ),
    Family(
        "swift",
        (
            line(b"//"),
            _NESTED,
            call(special.swift_raw, b'"', rb'(?<=#")'),
            *(call(holes.swift[quote], quote) for quote in (b'"""', b'"')),
        ),
    ),
    Family("kotlin", (line(b"//"), _NESTED, *(call(holes.kotlin[quote], quote) for quote in (b'"""', b'"')), CHAR)),
    Family("dart", (line(b"//"), _NESTED, triple(b'"'), triple(b"'"), *QUOTES)),
    Family("javascript", _JAVASCRIPT, (b"/*", b"`")),
    Family(
        "vue",
        (
            line(b"//", rb"(?<!:..)[^\r\n]*"),
            block(b"/*", b"*/"),
            block(b"<!--", b"-->"),
            *QUOTES,
            call(holes.javascript, b"`"),
        ),
    ),
    Family(
        "php",
        (
            Rule("text", b"?>", rb".*?(?:<\?(?:php|=)|\Z)"),
            line(b"//", rb"(?:[^\r\n?]|\?(?!>))*+"),
            line(b"#", rb"(?!\[)(?:[^\r\n?]|\?(?!>))*+"),
            block(b"/*", b"*/"),
            quoted(b'"', lines=True),
            quoted(b"'", lines=True),
            call(special.heredoc, b"<<<", rb"[ \t]*(?=[A-Za-z_'\"])"),
        ),
    ),
    Family("zig", (line(b"//"), line(b"\\\\")._replace(kind="string"), quoted(b'"'), CHAR), ()),
    Family("css", (block(b"/*", b"*/"), *QUOTES), (b"/*",)),
    Family("scss", (line(b"//", rb"(?<!:..)[^\r\n]*"), block(b"/*", b"*/"), *QUOTES), (b"/*",)),
)
