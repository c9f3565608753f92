"""Questions with a time in them and questions on articles that disagree, written before the code for them.

Everything in `articles.jsonl` is invented. A line of `questions.jsonl` is `{"kind", "question", "gold"}`,
by kind: `time`: the article whose sentence answers, and words of that sentence ("today" is 10
September 2024);
`two`: the figures of two articles, the newer first; `one`: there is nothing to disagree on, and the answer.
"""
