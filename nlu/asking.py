"""Does a part of a message ask for something, or tell what the asking is about? Knows no Rasa.

"The TV went black. How long should it stay off?" is one question after its story, though the story alone would be
taken for a complaint. What customers ask and what they only tell lie apart in the base encoder's space, so a
logistic regression on its vectors knows them apart, whatever the language.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nlu.encoder import Vectors

STRENGTH = 10.0  # inverse regularisation


@dataclass(frozen=True)
class Asking:
    """The detector; ``weights`` has the shape (dimension + 1,), the last being the intercept."""

    weights: Vectors

    @classmethod
    def fit(cls, asked: Vectors, told: Vectors) -> Asking:
        """From unit vectors of texts that ask, shape (texts, dimension), and of those that only tell.

        Both count alike, however many there are of either.
        """
        from sklearn.linear_model import LogisticRegression

        vectors = np.concatenate([asked, told])
        centre = vectors.mean(axis=0)  # E5's vectors crowd together: around it regularisation works
        model = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=1000)
        model.fit(vectors - centre, np.r_[np.ones(len(asked)), np.zeros(len(told))])
        slope = model.coef_[0]
        return cls(np.r_[slope, model.intercept_[0] - slope @ centre].astype(np.float32))

    def probabilities(self, vectors: Vectors) -> Vectors:
        """That each of the unit vectors asks, shape (texts,)."""
        logits: Vectors = vectors @ self.weights[:-1] + self.weights[-1]
        return np.asarray(1.0 / (1.0 + np.exp(-logits)), dtype=np.float32)
