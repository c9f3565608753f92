"""Turns an article as it came into what is stored: clean text, sentences, chunks, terms."""
