"""One runnable file per claim; see CONTRIBUTING.md."""
