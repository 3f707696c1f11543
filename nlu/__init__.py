"""Understanding: language, sentence vectors, intents, entities. Imports nothing else of the project."""
