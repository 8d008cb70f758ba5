"""What people ask of a running runtime, and what it answers: one file a subject.

Every answer is free of payload values but two: ``reveal.Revealed`` (one field, with a reason, recorded before it
leaves) and the keys that a master lacks, where lineage says that they are operational data, S1 at most.
"""
