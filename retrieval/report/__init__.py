"""What an index says about the articles in it: copies, translations, contradictions."""
