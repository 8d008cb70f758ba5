"""Executes only verified releases, loses nothing, and can show afterwards what it did."""
