"""People who answer: conversations are handed to them, and while one is theirs the assistant is silent."""
