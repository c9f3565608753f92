"""A question -> the chunks that may answer it."""
