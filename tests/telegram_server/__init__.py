"""A strict Telegram: the Bot API 10.0 as a real HTTP server on a loopback port.

It is written from Telegram's documentation and knows nothing of the bot that it serves. Whatever the
documentation forbids is refused with the error that Telegram gives, and kept as a violation, so that a test
can say that there was none; so are fields and methods that are not in it. Every rule names its section.

```python
with TelegramServer() as telegram:
    ani = telegram.user("Ani", language_code="id")
    ani.says("Siapa Menteri Pertahanan Rusia?")
    ...  # a bot with base_url=telegram.base_url, base_file_url=telegram.base_file_url, telegram.token
    telegram.wait_for(lambda: ani.answers)
    telegram.assert_clean()
```

```
server.py     the server as a test sees it: users, faults, what happened
actors.py     users, groups and channels, as a test moves them
methods.py    what each method does            fields.py     which fields each has, and their types
text.py       texts and entities               keyboards.py  buttons
inline.py     results of inline and guest queries        rich.py      rich messages
state.py      chats, messages, updates, the transcript
wire.py       HTTP, long polling, files        webhook.py    posting updates
faults.py     what can go wrong, and Telegram's limits
__main__.py   the same as a process of its own
```
"""

from tests.telegram_server.actors import Channel, Group, User
from tests.telegram_server.errors import Refused
from tests.telegram_server.faults import Fault, Limits
from tests.telegram_server.server import TOKEN, Call, TelegramServer
from tests.telegram_server.state import Event, Press

__all__ = [
    "TOKEN",
    "Call",
    "Channel",
    "Event",
    "Fault",
    "Group",
    "Limits",
    "Press",
    "Refused",
    "TelegramServer",
    "User",
]
