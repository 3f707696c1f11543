from __future__ import annotations

from retrieval.report.duplicates import copied_documents, copied_passages, likeness, runs_of
from tests.retrieval.report.contents import content, document

COURIER = "Courier: A courier brings the order in two days and calls half an hour before he comes to the door."
POST = "Post: A parcel by post takes a week, and you fetch it at the office with your passport within five days."
DELIVERY = document("delivery", "en", "Delivery", COURIER, POST)


def test_a_copy_with_a_few_other_words_is_found() -> None:
    copy = document("old", "en", "Shipping", COURIER.replace("two days", "three days"), POST.replace("week", "month"))
    passages = copied_passages(content(DELIVERY, copy))
    assert {(pair.first, pair.second) for pair in passages} == {("delivery#0", "old#0"), ("delivery#1", "old#1")}
    assert passages[0].alike >= passages[1].alike
    (whole,) = copied_documents(content(DELIVERY, copy), passages)
    assert (whole.first, whole.second) == ("delivery", "old")
    assert 0.5 < whole.alike < 1.0


def test_one_passage_in_common_makes_no_copy_of_the_whole() -> None:
    other = document(
        "gifts", "en", "Gifts", COURIER, "Cards: A gift card comes by mail at once, its code has 16 signs."
    )
    passages = copied_passages(content(DELIVERY, other))
    assert [(pair.first, pair.second, pair.alike) for pair in passages] == [("delivery#0", "gifts#0", 1.0)]
    assert copied_documents(content(DELIVERY, other), passages) == []


def test_a_document_is_no_copy_of_itself_nor_of_one_in_another_language() -> None:
    twice = document("twice", "en", "Twice", COURIER, COURIER)
    russian = document("foreign", "ru", "Delivery", COURIER)
    assert copied_passages(content(twice)) == []
    assert copied_passages(content(DELIVERY, russian)) == []


def test_the_same_thing_in_other_words_is_no_copy() -> None:
    other = document(
        "other", "en", "Delivery", "Courier: In two days the courier comes, he rings you half an hour before."
    )
    assert copied_passages(content(DELIVERY, other)) == []


def test_likeness_is_the_share_of_common_runs() -> None:
    assert likeness(runs_of("one two three four"), runs_of("one two three five")) == 1 / 3
    assert likeness(runs_of("Short text"), runs_of("short, text!")) == 1.0
    assert likeness(runs_of(""), runs_of("")) == 1.0


def test_nothing_has_no_copies() -> None:
    assert copied_passages(content()) == copied_documents(content(), []) == []
