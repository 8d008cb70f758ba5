"""What each field of a message is: rules written by hand, joined with the published tables into committed data."""
