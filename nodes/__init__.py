"""Governed node kinds, one file each: drop a file in, and it is in the catalogue."""
