"""The sample articles in `articles/`, and `questions.jsonl` with the sentences that answer them."""
