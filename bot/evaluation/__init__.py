"""Measuring with the user's own files, apart from the demo's models and index."""
