"""Which family of comments a file has: by its name, its extension, or its first line."""

from __future__ import annotations

import re

_EXTENSIONS = {
    "python": "py pyi pyw pyx pxd pxi bzl star gyp sage",
    "hash": "r R jl.in awk tcl gd conf cfg cnf env properties gitignore dockerignore gitattributes nim cr po pp rego"
    " feature gn gni bazelrc editorconfig desktop service",
    "julia": "jl",
    "elixir": "ex exs",
    "toml": "toml",
    "yaml": "yml yaml",
    "start": "ini reg inf",
    "make": "mk mak",
    "docker": "dockerfile",
    "cmake": "cmake",
    "shell": "sh bash zsh ksh fish bats ebuild envrc",
    "ruby": "rb rake gemspec ru podspec",
    "perl": "pl pm t",
    "powershell": "ps1 psm1 psd1",
    "nix": "nix",
    "terraform": "tf tfvars hcl",
    "php": "php phtml",
    "c": "c h cc cpp cxx c++ hh hpp hxx h++ ipp inl m mm cu cuh ino glsl vert frag hlsl metal v sv svh proto thrift"
    " idl sol d jsonc json5 gradle y l",
    "java": "java groovy",
    "csharp": "cs csx",
    "go": "go",
    "rust": "rs",
    "swift": "swift",
    "kotlin": "kt kts scala sc",
    "dart": "dart",
    "javascript": "js jsx ts tsx mjs cjs mts cts es6",
    "zig": "zig",
    "sql": "sql pgsql ddl",
    "lua": "lua",
    "haskell": "hs lhs elm purs idr",
    "ada": "ada adb ads vhd vhdl",
    "ocaml": "ml mli",
    "fsharp": "fs fsx fsi",
    "pascal": "pas dpr pp.in lpr",
    "html": "html htm xhtml",
    "vue": "vue svelte astro",
    "xml": "xml xsl xslt xsd svg csproj vbproj props targets plist wsdl rng",
    "markdown": "md markdown mdx",
    "css": "css",
    "scss": "scss less sass styl",
    "lisp": "lisp lsp cl el scm ss rkt clj cljs cljc edn fnl",
    "asm": "s S asm nasm",
    "tex": "tex sty cls bib ltx",
    "percent": "erl hrl prolog pro",
    "matlab": "mat octave",
    "fortran": "f90 f95 f03 f08 f for",
    "basic": "bas vb vbs",
    "batch": "bat cmd",
}
_NAMES = {
    "make": "Makefile makefile GNUmakefile Justfile justfile",
    "docker": "Dockerfile Containerfile",
    "cmake": "CMakeLists.txt",
    "ruby": "Gemfile Rakefile Vagrantfile Podfile Brewfile Guardfile",
    "python": "SConstruct SConscript wscript BUILD WORKSPACE Tiltfile Snakefile",
    "hash": "CODEOWNERS requirements.txt .gitignore .dockerignore .gitattributes .editorconfig .env",
    "start": ".gitconfig .gitmodules .npmrc",
    "shell": ".bashrc .bash_profile .profile .zshrc PKGBUILD configure.ac",
    "groovy": "Jenkinsfile",
}
_BY_EXTENSION = {word: family for family, words in _EXTENSIONS.items() for word in words.split()}
_BY_NAME = {
    word: "java" if family == "groovy" else family for family, words in _NAMES.items() for word in words.split()
}
_SHEBANG = re.compile(
    rb"#![^\n]*?\b(python|bash|zsh|ksh|dash|sh|fish|ruby|perl|node|deno|php|lua|awk|tclsh|Rscript|make)"
)
_BY_SHEBANG = {
    **dict.fromkeys(("bash", "zsh", "ksh", "dash", "sh", "fish"), "shell"),
    **dict.fromkeys(("node", "deno"), "javascript"),
    **dict.fromkeys(("awk", "tclsh", "Rscript"), "hash"),
    **{name: name for name in ("python", "ruby", "perl", "php", "lua", "make")},
}


def family_of_name(path: str) -> str | None:
    """The family of a file by its name alone; "" where there is no extension that could tell, None where it is none
    that is known here."""
    name = path.rpartition("/")[2]
    if name in _BY_NAME:
        return _BY_NAME[name]
    stem, dot, extension = name.rpartition(".")
    found = _BY_EXTENSION.get(extension) or _BY_EXTENSION.get(extension.lower()) if dot else None
    if found:
        return found
    if stem and dot:
        return _BY_NAME.get(name.partition(".")[0])  # Dockerfile.test, Makefile.am
    return ""


def family(path: str, data: bytes) -> str | None:
    """The family of a file; None where nobody knows its comments."""
    named = family_of_name(path)
    if named != "":
        return named
    shebang = _SHEBANG.match(data, 0, 200)
    return _BY_SHEBANG[shebang[1].decode()] if shebang else None
