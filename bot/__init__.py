"""The assistant: Rasa's dialogue, grounded replies, customers, the command line."""
