"""Writing a reply from evidence, and checking that the evidence supports it."""
