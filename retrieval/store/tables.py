"""The tables of the index's file.

``passage`` says which passages are current and which were removed but may come back; ``body`` holds
their content apart, so that a passage comes and goes without its text being written again.
"""

from __future__ import annotations

SCHEMA = 1
TABLES = (
    f"PRAGMA user_version = {SCHEMA}",
    "CREATE TABLE made_with (encoder TEXT NOT NULL)",
    # A version is a commit or its undoing; the token tells it from one of the same number in another file.
    """CREATE TABLE version (number INTEGER PRIMARY KEY, token INTEGER NOT NULL DEFAULT (random()),
        undoable INTEGER NOT NULL, passages INTEGER NOT NULL, checksum BLOB NOT NULL)""",
    # Which passages a version added (step 1) or removed (step -1).
    """CREATE TABLE change (version INTEGER, passage INTEGER, step INTEGER NOT NULL,
        PRIMARY KEY (version, passage)) WITHOUT ROWID""",
    # Ids are never used again, so that a vector held under one in memory is never another passage's.
    """CREATE TABLE passage (id INTEGER PRIMARY KEY AUTOINCREMENT, document TEXT NOT NULL, digest BLOB NOT NULL,
        language TEXT NOT NULL, removed INTEGER, UNIQUE (document, digest))""",
    "CREATE INDEX passage_removed ON passage (removed)",
    "CREATE TABLE body (id INTEGER PRIMARY KEY, json TEXT NOT NULL)",
    "CREATE TABLE vector (id INTEGER PRIMARY KEY AUTOINCREMENT, text BLOB UNIQUE, value BLOB, crc INTEGER)",
    # Of a passage's text also its word pieces.
    "CREATE TABLE token (vector INTEGER PRIMARY KEY, value BLOB NOT NULL, crc INTEGER NOT NULL)",
    """CREATE TRIGGER vector_purged AFTER DELETE ON vector BEGIN DELETE FROM token WHERE vector = OLD.id; END""",
    # Position 0 is the passage as a whole, the others are its sentences.
    """CREATE TABLE embedding (passage INTEGER, position INTEGER, vector INTEGER NOT NULL,
        PRIMARY KEY (passage, position)) WITHOUT ROWID""",
    "CREATE INDEX embedding_vector ON embedding (vector)",
    # Vectors computed ahead of the commit that will refer to them, and when.
    "CREATE TABLE waiting (vector INTEGER PRIMARY KEY, since REAL NOT NULL)",
    """CREATE TRIGGER passage_purged AFTER DELETE ON passage BEGIN
        DELETE FROM body WHERE id = OLD.id; DELETE FROM embedding WHERE passage = OLD.id; END""",
    "CREATE TRIGGER vector_used AFTER INSERT ON embedding BEGIN DELETE FROM waiting WHERE vector = NEW.vector; END",
    """CREATE TRIGGER embedding_purged AFTER DELETE ON embedding
        WHEN NOT EXISTS (SELECT 1 FROM embedding WHERE vector = OLD.vector)
        AND NOT EXISTS (SELECT 1 FROM waiting WHERE vector = OLD.vector)
        BEGIN DELETE FROM vector WHERE id = OLD.vector; END""",
    """CREATE TRIGGER waiting_over AFTER DELETE ON waiting
        WHEN NOT EXISTS (SELECT 1 FROM embedding WHERE vector = OLD.vector)
        BEGIN DELETE FROM vector WHERE id = OLD.vector; END""",
    # Terms come stemmed: whatever stands between spaces is one.
    """CREATE VIRTUAL TABLE lexical USING fts5 (terms, content = '', tokenize = "ascii tokenchars '.,-_'")""",
    "CREATE VIRTUAL TABLE vocabulary USING fts5vocab (lexical, row)",
)
