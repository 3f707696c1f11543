from __future__ import annotations

import re

from bot.shop.articles import ARTICLES, SITE, articles, path_of
from retrieval.chunking import passages_of
from retrieval.loaders import load_documents


def test_every_passage_of_every_article_has_an_anchor_on_its_page() -> None:
    documents = list(load_documents([ARTICLES], []))
    assert len(documents) == len(articles())
    for document in documents:
        article = articles()[path_of(document.url)]
        expected = [f"passage-{passage.id.rpartition('#')[2]}" for passage in passages_of(document)]
        assert [section.anchor for section in article.sections] == expected


def test_a_page_says_what_its_article_says() -> None:
    article = articles()["/en/help/student-teacher-discount"]
    page = " ".join(str(section.html) for section in article.sections)
    assert [section.heading for section in article.sections if section.heading][0] == "Who qualifies"
    assert "<li>university and college students" in page
    assert re.search(r"<td>Laptops</td>\s*<td>1</td>", page)


def test_only_the_shops_own_addresses_are_opened_here() -> None:
    assert path_of(f"{SITE}/en/help/returns") == "/en/help/returns"
    assert path_of("https://elsewhere.example/a") == "https://elsewhere.example/a"


def test_both_languages_have_articles_under_their_own_path() -> None:
    for article in articles().values():
        assert article.path.startswith(f"/{article.language}/help/")
