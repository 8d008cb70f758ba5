"""Sources are nouns: where messages come from."""
