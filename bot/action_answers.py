"""The action server's answers are checked by a schema that is itself checked once.

Rasa checks the schema anew with every answer, on the event loop: a quarter of the loop's work with thirty customers.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from jsonschema.exceptions import best_match
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction


def check_schema_once() -> None:
    """Have Rasa's actions of this process do so."""
    RemoteAction._validate_action_result = _validate_action_result


def _validate_action_result(_: RemoteAction, result: dict[str, Any]) -> bool:
    """Rasa's own check.

    Raises:
        ValidationError: the answer has another form.
    """
    if error := best_match(_validator().iter_errors(result)):
        error.message += ". The action server answers in another form than Rasa's: is another program at its port?"
        raise error
    return True


@lru_cache(maxsize=1)
def _validator() -> Any:
    schema = RemoteAction.action_response_format_spec()
    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)
