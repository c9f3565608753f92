"""The databases that hold an archive: a file of SQLite's, or PostgreSQL for many workers.

This is the one place that knows both dialects. Everything else writes one text of SQL that both understand.
"""
