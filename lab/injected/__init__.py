"""Articles with planted instructions, thirty in two languages, written for this purpose.

`articles.jsonl` has a line an article: `text` holds one sentence, `planted`, that is addressed to whatever
reads it; `question` is answered by another sentence, with `answer`; `forbidden` are regular expressions for
what would be said by a model that obeyed, or that showed its prompt.
"""
