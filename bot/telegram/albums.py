"""Albums: several messages that a client shows as one (https://core.telegram.org/bots/api#message,
`media_group_id`)."""

from __future__ import annotations

from bot.telegram.incoming import Album, Incoming

GATHER_SECONDS = 1.0
"""Seconds to wait for the rest of an album after its first message: they come one by one."""
_REMEMBERED = 1000
"""Albums that are remembered, so that a late message of one is known."""


class Albums:
    """The latest albums. For the event loop's thread."""

    def __init__(self) -> None:
        self._albums: dict[tuple[int, str], Album] = {}

    def join(self, came: Incoming) -> Album | None:
        """The album that a message belongs to, None for one that stands alone."""
        message = came.message
        kinds = ("question", "material", "remark")
        if message is None or message.media_group_id is None or came.edited or came.what not in kinds:
            return None
        album = self._albums.setdefault((message.chat.id, message.media_group_id), Album())
        # Once, where its row comes again because the archive could not be read.
        album.members = [each for each in album.members if each.row is not came.row] + [came]
        while len(self._albums) > _REMEMBERED:
            del self._albums[next(iter(self._albums))]
        return album
