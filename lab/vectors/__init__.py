"""The static table, taught by the vectors of multilingual-e5-small."""
