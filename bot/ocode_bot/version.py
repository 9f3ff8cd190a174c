"""The version, kept in step with pyproject.toml by a test: asking the installed metadata costs a start-up its speed."""

VERSION = "0.1.0"
