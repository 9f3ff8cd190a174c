"""Drafts of commit messages by rules."""

from __future__ import annotations

from ocode_tools.drafts.base import Draft
from ocode_tools.drafts.draft import draft
from ocode_tools.drafts.style import Style, learn

__all__ = ["Draft", "Style", "draft", "learn"]
