"""An article as it came -> what is stored of it: clean text, sentences, chunks, terms."""
