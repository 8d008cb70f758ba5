"""Sinks are nouns: where records go."""
