from __future__ import annotations

from typing import Any

import pytest
from jsonschema.exceptions import ValidationError
from rasa.core.actions.action import RemoteAction

from bot.action_answers import check_schema_once


@pytest.fixture
def action(monkeypatch: pytest.MonkeyPatch) -> RemoteAction:
    monkeypatch.setattr(RemoteAction, "_validate_action_result", RemoteAction._validate_action_result)
    check_schema_once()
    return RemoteAction("action_check_order", None)


def test_an_answer_of_rasas_form_is_taken(action: RemoteAction) -> None:
    answer = {"events": [{"event": "slot", "name": "order", "value": 1}], "responses": [{"text": "On its way."}]}
    assert action._validate_action_result(answer)


@pytest.mark.parametrize("answer", [[], {"events": {}}, {"events": [1]}, {"responses": "hello"}])
def test_an_answer_of_another_form_is_refused(action: RemoteAction, answer: Any) -> None:
    with pytest.raises(ValidationError, match="another form"):
        action._validate_action_result(answer)
