"""What kind of file a path names, by the habits of common ecosystems, and by the head of its text."""

from __future__ import annotations

import re
from functools import lru_cache

from ocode_tools.changes.base import Kind


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LOCKS = _words(
    "package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml bun.lock bun.lockb poetry.lock uv.lock pdm.lock"
    " pipfile.lock pylock.toml pixi.lock conda-lock.yml cargo.lock gemfile.lock composer.lock go.sum go.work.sum"
    " mix.lock flake.lock podfile.lock pubspec.lock packages.lock.json gradle.lockfile deno.lock package.resolved"
    " .terraform.lock.hcl shard.lock stack.yaml.lock cabal.project.freeze"
)
_MANIFESTS = _words(
    "package.json pyproject.toml setup.py setup.cfg pipfile environment.yml environment.yaml cargo.toml go.mod gemfile"
    " composer.json pom.xml build.gradle build.gradle.kts mix.exs package.swift pubspec.yaml libs.versions.toml"
    " pnpm-workspace.yaml deno.json directory.packages.props"
)
_MANIFEST = re.compile(r"(requirements|constraints)[\w.-]*\.(txt|in)$|.+\.(gemspec|csproj|podspec|cabal)$")
_VENDORED = _words("vendor third_party thirdparty third-party 3rdparty node_modules bower_components")
_GENERATED = re.compile(
    r"(^|/)(__generated__|\.yarn/(releases|plugins))/"
    r"|\.(min\.(js|css)|bundle\.js|map|pb\.go|pb\.cc|pb\.h|g\.dart|designer\.cs)$|_pb2(_grpc)?\.pyi?$|\.generated\.\w+$"
)
_TEST_FOLDERS = _words(
    "test tests __tests__ spec specs testing testdata e2e __mocks__ __snapshots__ __fixtures__ fixtures cypress"
    " bench benches benchmark benchmarks"
)
_TEST_FILE = re.compile(
    r"test_.*\.py$|.+_test\.(py|go|dart|exs|cc|cpp|c|rb|sh)$|.+_spec\.rb$|conftest\.py$"
    r"|.+[.-](test|spec|cy|test-d|e2e)\.\w+$|.*[a-z](Test|Tests|IT|Spec)\.(java|kt|cs|scala|swift|php|groovy)$"
    r"|tests?\.(rs|py|js|ts)$|(jest|vitest|karma|cypress|playwright)\.(config|setup)\.\w+$|pytest\.ini$"
)
_CI_FOLDERS = _words(".circleci .buildkite .woodpecker .azure-pipelines .semaphore .teamcity .tekton")
_CI = re.compile(
    r"(.*/)?\.github/(workflows|actions|scripts)/|(.*/)?\.gitlab/ci/|(.*/)?(\.(gitlab-ci|travis|drone|cirrus)\.ya?ml"
    r"|\.?(appveyor|codecov|mergify)\.ya?ml|(azure|bitbucket)-pipelines[\w.-]*\.ya?ml|cloudbuild\.ya?ml"
    r"|jenkinsfile[\w.-]*|\.?sonar[\w-]*\.properties|dockerfile\.ci)$"
)
_DOC_FOLDERS = _words("docs doc documentation website man examples example samples")
_DOC_ENDINGS = _words("md mdx markdown rst adoc asciidoc textile org")
_DOC_FILE = re.compile(
    r"(readme|license|licence|copying|notice|changelog|changes|history|news|contributing|authors|contributors|thanks"
    r"|maintainers|todo|code_of_conduct|security|support|governance)(\.(txt|html?))?$|.+\.[1-8]$"
    r"|mkdocs\.ya?ml$|\.?readthedocs\.ya?ml$|doxyfile$|book\.toml$|typedoc\.json$|docusaurus\.config\.\w+$"
)
_BUILD = re.compile(
    r"((gnu)?makefile(\.\w+)?|cmakelists\.txt|(docker|container)file([.-].*)?|.+\.dockerfile|\.(docker|npm|nx)ignore"
    r"|(webpack|rollup|rolldown|vite|tsup|tsdown|esbuild|babel|metro|gulpfile|gruntfile"
    r"|postcss|tailwind|next|nuxt|svelte)\.?[\w.-]*\.[cm]?[jt]s(on)?|\.babelrc(\.\w+)?|[jt]sconfig[\w.-]*\.json"
    r"|\.?justfile|taskfile\.ya?ml|noxfile\.py|tox\.ini|tasks\.py|meson(_options)?\.(build|txt)"
    r"|(build|workspace)(\.bazel)?|module\.bazel|\.bazelrc|gradlew(\.bat)?|gradle\.properties"
    r"|settings\.gradle(\.kts)?|manifest\.in|hatch_build\.py"
    r"|build\.(rs|zig|sbt|xml)|(lerna|nx|turbo|rush|project|workspace)\.json|\.?goreleaser\.ya?ml|configure(\.ac)?"
    r"|procfile|vercel\.json|netlify\.toml|.+\.(cmake|mk|bzl|nix|vcxproj|sln|props|targets))$"
)
_BUILD_FOLDERS = _words("docker packaging build-tools cmake debian gradle scripts script hack")
_ASSETS = _words(
    "png jpg jpeg gif webp avif ico icns bmp tif tiff svg woff woff2 ttf otf eot mp3 mp4 webm ogg wav flac mov avi pdf"
    " psd ai sketch glb gltf fbx"
)
_CONFIGURATION = _words("yml yaml toml ini cfg conf config properties json json5 jsonc env plist hcl tfvars xml")
# Hook and action definitions that a repository offers to others are its product.
_PRODUCTS = _words(".pre-commit-hooks.yaml action.yml action.yaml")
_HEAD = re.compile(
    r"(?is)\b(?:auto-?)?generated (by|from|with|file|code|automatically)\b.{0,300}?\bdo not (edit|modify"
    r"|change)|@generated\b"
    r"|do not edit[^\n]{0,60}generated"
)


@lru_cache(maxsize=4096)
def kind_of(path: str) -> Kind:
    """The kind of the file at a posix path from the top."""
    *folders, name = path.split("/")
    low, places = name.lower(), {folder.lower() for folder in folders}
    if low in _LOCKS:
        return "lock"
    if places & _VENDORED:
        return "vendored"
    if _GENERATED.search(path):
        return "generated"
    if places & _CI_FOLDERS or _CI.match(path.lower()):
        return "ci"
    if places & _TEST_FOLDERS or _TEST_FILE.match(name):
        return "tests"
    if low in _PRODUCTS and not folders:
        return "source"
    return _second(name, low, folders, places)


def _second(name: str, low: str, folders: list[str], places: set[str]) -> Kind:
    ending = low.rpartition(".")[2] if "." in low[1:] else ""
    described = bool(places & _DOC_FOLDERS)
    if low in _MANIFESTS or _MANIFEST.match(low) or ("requirements" in places and ending in ("txt", "in")):
        return "docs" if described else "dependencies"
    if ".github" in places:
        return "configuration"
    if ending in _DOC_ENDINGS or _DOC_FILE.match(low) or described:
        return "docs"
    if ending in _ASSETS:
        return "assets"
    if _BUILD.match(low) or places & _BUILD_FOLDERS:
        return "build"
    if low.startswith(".") or any(folder.startswith(".") for folder in folders):
        return "configuration"
    set_up = ending in _CONFIGURATION or ".config." in low or low in ("codeowners", "")
    if set_up and not places & {"src", "lib", "app", "resources"}:
        return "configuration"
    return "source" if ending or folders else "configuration"


def generated(text: str) -> bool:
    """Whether the head of a file says that a program wrote it and nobody should edit it."""
    return bool(_HEAD.search(text[:1500]))
