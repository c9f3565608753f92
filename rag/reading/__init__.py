"""Chunks -> the sentences that answer, and which of them may be shown together."""
