"""Makers of committed files. Nothing imports them at run time."""
