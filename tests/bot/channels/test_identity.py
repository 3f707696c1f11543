from __future__ import annotations

import base64
import datetime as dt
import json
from pathlib import Path
from typing import Any

import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels import identity
from bot.channels.identity import KEY_VARIABLE, TokenRefused, customer_of, issue_token, signing_key

FUTURE = dt.datetime(2999, 1, 1, tzinfo=dt.timezone.utc)
OTHER_KEY = "somebody else's key, also longer than thirty-two bytes"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_token_proves_the_customer_it_was_issued_for(customer_id: str) -> None:
    assert customer_of(issue_token(customer_id)) == customer_id


def test_an_expired_token_is_refused() -> None:
    with pytest.raises(TokenRefused, match="expired: sign in again"):
        customer_of(issue_token("C001", dt.timedelta(seconds=-1)))


def test_a_token_signed_with_another_key_is_refused() -> None:
    forged = jwt.encode({"sub": "C001", "exp": FUTURE}, OTHER_KEY, algorithm="HS256")
    with pytest.raises(TokenRefused, match="sign in again"):
        customer_of(forged)


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE"])
def test_an_unsigned_token_is_refused(algorithm: str) -> None:
    parts = ({"alg": algorithm, "typ": "JWT"}, {"sub": "C001", "exp": FUTURE.timestamp()})
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    for signature in ("", issue_token("C001").rpartition(".")[2]):
        with pytest.raises(TokenRefused):
            customer_of(".".join([*encoded, signature]))


def test_another_algorithm_with_the_right_key_is_refused(key: str) -> None:
    with pytest.raises(TokenRefused):
        customer_of(jwt.encode({"sub": "C001", "exp": FUTURE}, key * 2, algorithm="HS512"))


@pytest.mark.parametrize("claims", [{"exp": FUTURE}, {"sub": "C001"}, {"sub": 7, "exp": FUTURE}, {}])
def test_a_token_must_name_a_customer_and_an_end(claims: dict[str, Any], key: str) -> None:
    with pytest.raises(TokenRefused):
        customer_of(jwt.encode(claims, key, algorithm="HS256"))


def test_a_token_with_a_changed_customer_is_refused() -> None:
    header, _, signature = issue_token("C001").split(".")
    _, payload, _ = issue_token("C002").split(".")
    with pytest.raises(TokenRefused):
        customer_of(f"{header}.{payload}.{signature}")


@pytest.mark.parametrize("token", ["", "C001", "a.b.c", "customer:C001"])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(TokenRefused):
        customer_of(token)


def test_without_a_variable_a_key_is_made_once_for_its_owner_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "var" / "jwt.key"
    monkeypatch.delenv(KEY_VARIABLE)
    monkeypatch.setattr(identity, "KEY_FILE", path)
    made = signing_key()
    assert len(made) >= 32
    assert signing_key() == made == path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert customer_of(issue_token("C001")) == "C001"
