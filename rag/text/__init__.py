"""The parts of a text: sentences, words, tokens, numbers, dates. Pure, except for reading the shipped
files."""
