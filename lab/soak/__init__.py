"""Everything at once, for an hour: `make soak`, or python -m lab.soak --minutes 60 --seed 1

The real `kutip telegram` on a small disk of its own, before the strict Telegram of the tests. A hundred chats
ask, while articles come in; the worker and the supervisor are killed, the disk is full for a while, files of
the indexes are damaged while the bot is down, Telegram is slow or fails, and now and then a remote model
that is slow is to answer. Whenever the bot is down its store is copied and checked.

```
__main__.py  the run and its figures      readers.py  who asks, and what each got
stage.py     the bot, its store, its disk  weather.py  how Telegram is
model.py     a real model's server behind a slow line
```

What may come twice: one answer for each `kill -9`, and one for each message that Telegram took and did not
confirm. Nothing else. Mounting the small disk needs root; without it the disk is never full.
"""
