"""Sentence borders in forms that news really has, marked by hand before the splitter was changed for them.

A line of `borders.jsonl` is `{"language", "kind", "sentences"}`; a text is its sentences with a space between
two. Everything in it is invented. Kinds: `rank`, `honorific`, `place`, `date`, `law` and `misc` are
abbreviations, `list` is a list inside a line, `quote` a quotation, and `plain` the rest.
"""
