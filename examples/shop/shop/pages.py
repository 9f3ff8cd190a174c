"""Cutting a list of articles into pages."""

from __future__ import annotations


def page_count(articles: int, per_page: int) -> int:
    """How many pages so many articles need."""
    return (articles + per_page) // per_page


def page(articles: list[str], number: int, per_page: int) -> list[str]:
    """The articles of a page; the first page has number 1."""
    first = (number - 1) * per_page
    return articles[first : first + per_page]
