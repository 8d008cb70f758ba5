"""Who may do what in the designer: one policy a file, in Cedar, and the schema that lists every action."""
