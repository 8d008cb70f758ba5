"""From a durable message to postings that arrive once and in order."""
