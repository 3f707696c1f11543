from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.documents import DocumentError
from tests.retrieval.loaders.reading import read, read_one, write


def markdown(tmp_path: Path, body: str, head: str = "") -> str:
    return read_one(write(tmp_path / "a.html", f"<html><head>{head}</head><body>{body}</body></html>")).text


# -- what is content ----------------------------------------------------------------------------

ARTICLE = "<h1>Returns</h1><p>You have 14 days.</p><p>Then see <a href='https://a.b/c'>repairs</a>.</p>"
TEXT = "# Returns\n\nYou have 14 days.\n\nThen see [repairs](https://a.b/c)."
MENU = "<ul><li><a href='/'>Home</a></li><li><a href='/help'>Help</a></li><li><a href='/cart'>Cart</a></li></ul>"


@pytest.mark.parametrize(
    "body",
    [
        f"<header><b>Shop</b><nav>{MENU}</nav></header><main>{ARTICLE}</main><footer>Jobs</footer>",
        f"<div class='wrap has-sidebar'><aside>{MENU}</aside><article>{ARTICLE}</article></div><div>Jobs</div>",
        f"<div>{MENU}</div><div id='page'><div><a href='/'>Home</a> / Returns</div>{ARTICLE}</div><p>© Shop 2026</p>",
        f"<div class='siteHeader'>Shop</div><div>{ARTICLE}</div><div class='site-footer'>8 800 200</div>",
        f"<table><tr><td>{MENU}</td><td>{ARTICLE}</td></tr></table>",
        f"{ARTICLE}<div id='cookie-banner'><p>We use cookies.</p><button>Accept</button></div>",
        f"{ARTICLE}<div class='article-rating'>Did this help? <button>Yes</button></div>",
        f"{ARTICLE}<section class='related_articles'><h3>Related</h3>{MENU}</section>",
        f"<main><div class='breadcrumbs'>Home / Returns</div>{ARTICLE}<div class='toc'>{MENU}</div></main>",
        f"<script>track()</script><style>p {{}}</style><!-- note -->{ARTICLE}<noscript>Turn scripts on</noscript>",
        f"{ARTICLE}<form><input value='x'><select><option>Moscow</select><button>Send</button></form>",
    ],
)
def test_only_the_content_is_read_whatever_surrounds_it(tmp_path: Path, body: str) -> None:
    assert markdown(tmp_path, body) == TEXT


def test_a_short_page_is_kept_whole(tmp_path: Path) -> None:
    assert markdown(tmp_path, "<nav><a href='/'>Home</a></nav><p>Parking is free. Enter from Forest Street.") == (
        "Parking is free. Enter from Forest Street."
    )


def test_what_has_most_of_the_text_stays_whatever_its_name(tmp_path: Path) -> None:
    assert markdown(tmp_path, "<div class='menu'><p>Soup costs 200 roubles today.</p></div><p>Open.</p>") == (
        "Soup costs 200 roubles today.\n\nOpen."
    )


def test_a_paragraph_of_links_is_no_menu(tmp_path: Path) -> None:
    body = "<p>Ask <a href='mailto:help@a.b'>help@a.b</a> or <a href='https://a.b'>here</a>.</p>"
    assert markdown(tmp_path, body) == "Ask [help@a.b](mailto:help@a.b) or [here](https://a.b)."


# -- particulars --------------------------------------------------------------------------------


def test_title_address_and_day_are_those_of_the_page(tmp_path: Path) -> None:
    head = "<meta charset=utf-8><title>Оплата | Магазин</title><link rel=canonical href=https://a.b/pay/>"
    head += "<meta property='article:modified_time' content='2026-03-04T10:00:00+03:00'>"
    path = write(
        tmp_path / "pay.htm", f"<html lang=en><head>{head}</head><h1>Как оплатить</h1><p>Картой. <a href=../x>Х</a>"
    )
    document = read_one(path)
    assert (document.id, document.title, document.language) == ("pay", "Как оплатить", "ru")
    assert (document.url, document.updated) == ("https://a.b/pay/", "2026-03-04")
    assert document.text == "# Как оплатить\n\nКартой. [Х](https://a.b/x)"


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("<title>Оплата | Магазин</title><p>Картой.</p>", "Оплата"),
        ("<title>Оплата - Магазин</title><h2>Оплата</h2><p>Картой.</p>", "Оплата"),
        ("<title>Оплата</title><h1>Магазин</h1><h1>Карта</h1><p>Картой.</p>", "Оплата"),
        ("<p>Картой.</p>", "a"),
    ],
)
def test_without_one_heading_the_title_is_the_pages(tmp_path: Path, page: str, title: str) -> None:
    assert read_one(write(tmp_path / "a.html", page)).title == title


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "utf-8"])
def test_a_page_is_read_in_the_encoding_that_it_declares(tmp_path: Path, encoding: str) -> None:
    page = f"<meta http-equiv=Content-Type content='text/html; charset={encoding}'><p>15 цифр"
    assert read_one(write(tmp_path / "a.html", page, encoding)).text == "15 цифр"


def test_a_page_that_a_script_draws_is_named(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="a.html: the page holds no text: if a script draws it, save it from"):
        read(write(tmp_path / "a.html", "<title>Shop</title><div id=root></div><script>draw()</script>"))


# -- what becomes of the markup -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            "<h2 id=a>Terms<a href=#a>¶</a></h2><p>Long\n  text<br>of <b>12</b>&nbsp;months",
            "## Terms\n\nLong text\nof **12** months",
        ),
        ("<p>See <a href='/other'>there</a>, <a href='#x'>below</a>.</p>", "See there, below."),
        ("<ol><li>One<ul><li>two</ul><li>Three</ol>", "1. One\n   - two\n2. Three"),
        ("<pre><code># comment\nrun --now</code></pre>", "```\n# comment\nrun --now\n```"),
        ("<p>x_1 * y_2 <img src=a.png alt=picture></p>", "x_1 * y_2"),
        ("<p><b>Delivery</b></p><p>Fast. <b>Very fast</b></p>", "## Delivery\n\nFast. **Very fast**"),
        (
            "<dl><dt>Weight<dd>3 kg</dd><dt>Colours<dd>red</dd><dd>blue</dd></dl>",
            "- Weight: 3 kg\n- Colours: red; blue",
        ),
    ],
)
def test_markup_becomes_markdown(tmp_path: Path, body: str, expected: str) -> None:
    assert markdown(tmp_path, body) == expected


@pytest.mark.parametrize(
    "question",
    [
        "<details><summary>Is it free?</summary>Yes.</details>",
        "<dl><dt>Is it free?</dt><dd>Yes.</dd></dl>",
        "<button aria-expanded=false>Is it free?</button><div hidden>Yes.</div>",
        "<button>Is it free?</button><div style='display:none'>Yes.</div>",
        "<h3><button aria-expanded=false>Is it free?</button></h3><div>Yes.</div>",
        "<ul><li><h3>Is it free?</h3>Yes.</li></ul>",
        "<div class=faq-question>Is it free?</div><div class=faq-answer>Yes.</div>",
    ],
)
def test_folded_questions_are_headings_below_the_one_above_them(tmp_path: Path, question: str) -> None:
    expected = "## Delivery\n\n### Is it free?\n\nYes."
    assert markdown(tmp_path, f"<h2>Delivery</h2>{question}{question}") == expected + expected.removeprefix(
        "## Delivery"
    )


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("<tr><th>A<th>B<tr><td>1<td>2", ["| A | B |", "| --- | --- |", "| 1 | 2 |"]),
        ("<tr><td>A<td>B<tr><td>1<td>2", ["| A | B |", "| --- | --- |", "| 1 | 2 |"]),
        (
            "<tr><th>A<th>B<th>C<tr><td>1<td rowspan=2>2<td>3<tr><td>4<td>5<tr><td colspan=2>6<td>7",
            ["| A | B | C |", "| --- | --- | --- |", "| 1 | 2 | 3 |", "| 4 | 2 | 5 |", "| 6 | 6 | 7 |"],
        ),
        (
            "<tr><th rowspan=2>A<th colspan=2>B<tr><th>C<th>D<tr><td colspan=3>Part<tr><td>1<td>2<td>3",
            ["| A | B C | B D |", "| --- | --- | --- |", "| Part |  |  |", "| 1 | 2 | 3 |"],
        ),
        ("<tr><th>Weight<td>3 kg<tr><th>Colour:<td>red", ["- Weight: 3 kg", "- Colour: red"]),
        (
            "<caption>Prices</caption><tr><th>A<th>B<tr><td>x | y<td><ul><li>one<li>two</ul>",
            ["Prices", "", "| A | B |", "| --- | --- |", "| x / y | one; two |"],
        ),
    ],
)
def test_tables_are_grids_with_one_header(tmp_path: Path, table: str, expected: list[str]) -> None:
    assert markdown(tmp_path, f"<table>{table}</table>").split("\n") == expected
