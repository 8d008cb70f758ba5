"""Where people work: drafts, reviews and operations in the browser. It reaches the runtime by ``runtime.api`` alone."""
