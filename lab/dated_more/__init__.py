"""Forty more questions with times, or with names that look like dates, written before the code for them.

Everything in `articles.jsonl` is invented. A line of `questions.jsonl` is `{"question", "gold"}`: the article
whose sentence answers, and words of that sentence. Today is 18 June 2025, a Wednesday.
"""
