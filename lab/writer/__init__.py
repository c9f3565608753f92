"""A writer of our own: gemma-3-270m, cut to our two languages and taught to answer with citations."""
