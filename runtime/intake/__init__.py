"""Intake: frames come in, are stored, and only then answered."""
