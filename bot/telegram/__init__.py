"""The Telegram bot: `kutip telegram` supervises a worker, `python -m bot.telegram`, that answers."""
