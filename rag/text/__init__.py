"""What a text is made of: sentences, words, tokens, numbers, dates. Pure, but for the files of tokens."""
