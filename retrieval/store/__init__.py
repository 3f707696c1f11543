"""What the index keeps on disk, in one SQLite file."""
