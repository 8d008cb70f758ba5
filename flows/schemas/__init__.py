"""Canonical records, one file each: <name>@<n>.json."""
