"""The archive, which is the truth, and the indexes that are made from it."""
