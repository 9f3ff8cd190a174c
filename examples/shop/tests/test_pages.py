import pytest

from shop.pages import page, page_count


@pytest.mark.parametrize(("articles", "pages"), [(0, 0), (1, 1), (10, 1), (11, 2), (20, 2)])
def test_page_count(articles, pages):
    assert page_count(articles, 10) == pages


def test_second_page():
    assert page(["a", "b", "c"], 2, 2) == ["c"]
