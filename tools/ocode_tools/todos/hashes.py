"""Languages whose comments begin with a hash."""

from __future__ import annotations

from ocode_tools.todos import holes, special
from ocode_tools.todos.base import CHAR, QUOTES, SLASHES, Family, Rule, block, call, line, quoted, triple

# Where a value of YAML begins: behind an indicator, or first on a line.
_VALUE = rb"(?:(?<=[:?\-,\[{]\s.)|(?<=[,\[{].)|(?<=\s\s.)|(?<=\n.))"
_AFTER_SPACE = rb"(?<![^\s;&|()]#)[^\r\n]*"
_AFTER_BLANK = rb"(?<!\S#)[^\r\n]*"
_HEREDOC = call(special.heredoc, b"<<", rb"[-~]?(?=[A-Za-z_'\"\\`])")


def _f_string(quote: bytes) -> tuple[Rule, ...]:
    """An f-string (PEP 701): one without quotes in its braces is a string like any other."""
    before = rb"(?:(?<=[fFtT]%b)|(?<=[fFtT][rR]%b))" % (quote, quote)
    inner = b"[^" + quote + rb"{\\\r\n]*+"
    holes_too = rb"(?:(?:\{[^\"'{}\r\n#]*+\}|\\[^\r\n]|\{\{)" + inner + b")*+"
    plain = before + b"(?!" + quote * 2 + b")" + inner + holes_too + quote
    return (Rule("string", quote, plain), call(holes.python, quote, before))


_PYTHON = (line(b"#"), *_f_string(b'"'), *_f_string(b"'"), triple(b'"'), triple(b"'"), *QUOTES)
FAMILIES = (
    Family("python", _PYTHON, (b'"""', b"'''")),
    Family("hash", (line(b"#"), *QUOTES), ()),
    Family("julia", (block(b"#=", b"=#"), line(b"#"), triple(b'"'), quoted(b'"', lines=True), CHAR)),
    Family(
        "elixir",
        (line(b"#"), triple(b'"'), triple(b"'"), quoted(b'"', lines=True), Rule("string", b"?", rb"\\?[\"'#]")),
    ),
    Family(
        "toml",
        (line(b"#"), triple(b'"'), triple(b"'", False), quoted(b'"'), quoted(b"'", escape=False)),
        (b'"""', b"'''"),
    ),
    Family(
        "yaml",
        (
            line(b"#", _AFTER_BLANK),
            call(special.scalar, b"|"),
            call(special.scalar, b">"),
            quoted(b'"', lines=True, after=_VALUE),
            quoted(b"'", lines=True, escape=False, double=True, after=_VALUE),
        ),
    ),
    Family("start", (line(b"#", _AFTER_BLANK), line(b";", rb"(?<!\S;)[^\r\n]*")), ()),
    Family("docker", (call(special.heredoc, b"<<", rb"-?(?=[A-Za-z_'\"])"), line(b"#", _AFTER_BLANK))),
    Family("make", (Rule("string", b"\\", rb"[^\r\n]"), line(b"#"), *QUOTES), ()),
    Family(
        "cmake",
        (call(special.long_bracket, b"#["), line(b"#"), call(special.long_bracket, b"["), quoted(b'"', lines=True)),
    ),
    Family(
        "shell",
        (
            line(b"#", _AFTER_SPACE),
            Rule("string", b"\\", rb"."),
            call(holes.shell, b'"'),
            quoted(b"'", lines=True, after=rb"(?<=\$')"),
            quoted(b"'", lines=True, escape=False),
            Rule("string", b"<<<", b""),
            _HEREDOC,
            Rule("string", b"${", rb"[#!]?\w*[#%]*"),
            Rule("string", b"$#", b""),
        ),
    ),
    Family(
        "ruby",
        (
            Rule("block", b"\n=begin", rb"(?=\s).*?(?:\n=end[^\r\n]*|\Z)"),
            Rule("text", b"\n__END__", rb"\r?\n.*"),
            line(b"#"),
            Rule("string", b"?", rb"[\"'#](?!\w)"),
            Rule("string", b"$", rb"[\"'#`]"),
            *(call(read, quote) for quote, read in holes.ruby.items()),
            quoted(b"'", lines=True),
            call(special.percent, b"%", rb"(?:[qQwWiIrxs]?[\[{(<|!/])"),
            _HEREDOC,
            call(special.regex, b"/"),
        ),
    ),
    Family(
        "perl",
        (
            Rule("text", b"\n=", rb"[a-zA-Z].*?(?:\n=cut[^\r\n]*|\Z)"),
            Rule("text", b"\n__END__", rb"\r?\n.*"),
            Rule("string", b"$", rb"[#\"'`]"),
            line(b"#", _AFTER_SPACE),
            quoted(b'"', lines=True),
            quoted(b"'", lines=True),
            _HEREDOC,
            call(special.percent, b"q", rb"(?<!\w.)[qwrx]?[\[{(<|!/]"),
            call(special.regex, b"/"),
        ),
    ),
    Family(
        "powershell",
        (
            block(b"<#", b"#>"),
            line(b"#", _AFTER_SPACE),
            Rule("string", b"`", rb"."),
            Rule("text", b'@"', rb'\r?\n.*?\n"@'),
            Rule("text", b"@'", rb"\r?\n.*?\n'@"),
            quoted(b'"', lines=True, escape=False, double=True),
            quoted(b"'", lines=True, escape=False, double=True),
        ),
    ),
    Family(
        "nix",
        (
            line(b"#"),
            block(b"/*", b"*/"),
            quoted(b'"', lines=True),
            Rule("text", b"''", rb"(?:[^']|'''|''[$\\]|'(?!'))*+''"),
        ),
    ),
    Family(
        "terraform", (line(b"#"), *SLASHES, quoted(b'"'), call(special.heredoc, b"<<", rb"[-~]?(?=[A-Za-z_])")), None
    ),
)
