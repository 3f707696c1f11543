"""Predictions made by hand."""

from __future__ import annotations

from nlu.intent_model import Prediction


def predict(intent: str, confidence: float = 0.9, scope: float = 1.0) -> Prediction:
    """The intent in front, the rest of the confidence on one other."""
    return Prediction([(intent, confidence), ("another", 1.0 - confidence)], scope)
