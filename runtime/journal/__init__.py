"""The journal of the runtime: accepted messages, postings, cases and audit in one SQLite file with two writers.

Opening, after the fork, each process under its own writer name (``intake``, ``delivery``)::

    journal = Journal.open(data / "journal.db", "delivery", world)   # or Journal.in_memory("sim", "delivery", world)
    reader = journal.reader()                # a read-only connection: reader.rows(QUERY, values), reader.row(...)
    with reader: ...                         # all reads inside see one moment

Writing, at once and durable when the block ends (any exception rolls all of it back)::

    with journal.write() as transaction:
        number = transaction.run(queries.POSTING_ADD, (...))              # number of the inserted row
        transaction.run_many(queries.X, rows)
        transaction.rows(queries.Y, (...)); transaction.row(queries.Z)
        transaction.audit("posting.delivered", posting=number, flow=...)  # same transaction, chained; None is left out
        transaction.now_ms                                                # one time for all of it

Group commit in the loop: ``Batcher(journal, write, done, full, broken).add(item)``. Queries stand in ``queries.py``
(a section for each owner). Payload: ``DataKeys(master_key, randomness)`` with ``current(transaction, flow)`` and
``numbered(reader_or_transaction, number)``, both giving a ``runtime.crypto.Sealer``.

Errors (``errors.py``): DiskFull rolls back and the journal works on; JournalBroken means: acknowledge nothing more, end
the process with EXIT_BROKEN (74).
"""
