"""The shapes of the API: strict, apart from the tables, and the source of the browser's types."""
