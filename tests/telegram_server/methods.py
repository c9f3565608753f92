"""What each method does. The name of each function is the method's, and with it the section that it holds:
`sendMessage` is https://core.telegram.org/bots/api#sendmessage.

Descriptions of errors are those of Telegram's own Bot API server (github.com/tdlib/telegram-bot-api,
Client.cpp), since bots tell errors apart by them.
"""

# ruff: noqa: N802  the functions have the methods' own names

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from typing import Any

from tests.telegram_server.errors import broken, forbidden
from tests.telegram_server.fields import METHODS, Parameters, checked
from tests.telegram_server.inline import MOST_RESULTS, check_button, check_result
from tests.telegram_server.keyboards import check_markup
from tests.telegram_server.rich import check_rich
from tests.telegram_server.state import INLINE_SECONDS, LATER, QUERY_SECONDS, UPDATES, Chat, File, Json, State
from tests.telegram_server.text import (
    MOST_CAPTION,
    MOST_TEXT,
    detected,
    formatted,
    is_url,
    slice_units,
    units,
)

Uploads = Mapping[str, File]

MOST_DOWNLOAD = 20 * 1024 * 1024
MOST_UPLOAD = 50 * 1024 * 1024
MOST_PHOTO = 10 * 1024 * 1024
ACTIONS = {
    *("typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice"),
    *("upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note"),
}
SCOPES: dict[str, set[str]] = {
    "default": set(),
    "all_private_chats": set(),
    "all_group_chats": set(),
    "all_chat_administrators": set(),
    "chat": {"chat_id"},
    "chat_administrators": {"chat_id"},
    "chat_member": {"chat_id", "user_id"},
}
_IN_QUOTES = {"bold", "italic", "underline", "strikethrough", "spoiler", "custom_emoji", "date_time"}


class Methods:
    """The methods of the Bot API over one `State`, except getUpdates, which waits and so is the wire's."""

    def __init__(self, state: State) -> None:
        self.state = state

    def call(self, name: str, given: Parameters, uploads: Uploads) -> Any:
        """Checks a call and does it; what it returns is the `result`.

        Raises:
            Refused: with the rule that says so.
        """
        method = METHODS.get(name.lower())
        if method is None or (method.name == "sendRichMessage" and not self.state.rich):
            raise broken("Not Found: method not found", "available-methods", 404)
        with self.state.changed:
            return getattr(self, method.name)(checked(method, given, uploads), uploads)

    # Getting updates

    def setWebhook(self, p: Parameters, uploads: Uploads) -> bool:
        url = p["url"]
        rule = "setwebhook"
        if not url:
            return self.deleteWebhook(p, uploads)
        # HTTPS on a public server; "an HTTP URL, any local IP and any port" with a local one (#using-a-local-
        # bot-api-server), which is the only kind that tests have.
        if not re.match(r"https://|http://(127\.0\.0\.1|localhost)[:/]", url):
            raise broken("bad webhook: An HTTPS URL must be provided for webhook", rule)
        secret = p.get("secret_token")
        if secret is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
            raise broken("secret token contains unallowed characters", rule)
        if not 1 <= p.get("max_connections", 40) <= 100:
            raise broken("max_connections is not of 1-100", rule)
        self.allow(p, rule)
        if p.get("drop_pending_updates"):
            self.state.updates.clear()
        self.state.webhook = {
            "url": url,
            "secret_token": secret,
            "max_connections": p.get("max_connections", 40),
            "has_custom_certificate": "certificate" in p,
        }
        self.state.poll += 1
        self.state.changed.notify_all()
        return True

    def deleteWebhook(self, p: Parameters, uploads: Uploads) -> bool:
        if p.get("drop_pending_updates"):
            self.state.updates.clear()
        self.state.webhook = {"url": ""}
        self.state.changed.notify_all()
        return True

    def getWebhookInfo(self, p: Parameters, uploads: Uploads) -> Json:
        hook = self.state.webhook
        info = {
            "url": hook["url"],
            "has_custom_certificate": hook.get("has_custom_certificate", False),
            "pending_update_count": len(self.state.updates),
        }
        for name in ("max_connections", "last_error_date", "last_error_message"):
            if hook.get(name) is not None:
                info[name] = hook[name]
        if self.state.allowed:
            info["allowed_updates"] = self.state.allowed
        return info

    def allow(self, p: Parameters, rule: str) -> None:
        """Takes over `allowed_updates`; "if not specified, the previous setting will be used"."""
        kinds = p.get("allowed_updates")
        known = UPDATES | LATER if self.state.rich else UPDATES
        if kinds is None:
            return
        if stray := [kind for kind in kinds if kind not in known]:
            raise broken(f"unknown kinds of updates: {stray}", rule)
        self.state.allowed = kinds

    # The bot itself

    def getMe(self, p: Parameters, uploads: Uploads) -> Json:
        return self.state.bot

    def logOut(self, p: Parameters, uploads: Uploads) -> bool:
        return True

    def close(self, p: Parameters, uploads: Uploads) -> bool:
        return True

    def setMyCommands(self, p: Parameters, uploads: Uploads) -> bool:
        rule = "setmycommands"
        commands = p["commands"]
        if len(commands) > 100:
            raise broken("BOT_COMMANDS_TOO_MUCH: at most 100 commands can be specified", rule)
        for command in commands:
            if not isinstance(command, dict) or set(command) != {"command", "description"}:
                raise broken(f"can't parse BotCommand {command!r}", "botcommand")
            if not re.fullmatch(r"[a-z0-9_]{1,32}", str(command["command"])):
                raise broken(f"BOT_COMMAND_INVALID: {command['command']!r}", "botcommand")
            if not 1 <= len(str(command["description"]).strip()) <= 256:
                raise broken("BOT_COMMAND_DESCRIPTION_INVALID: 1-256 characters", "botcommand")
        names = [command["command"] for command in commands]
        if len(set(names)) < len(names):
            raise broken("a command is listed twice", rule)
        self.state.commands[self._scope(p, rule)] = commands
        return True

    def getMyCommands(self, p: Parameters, uploads: Uploads) -> list[Json]:
        return self.state.commands.get(self._scope(p, "getmycommands"), [])

    def deleteMyCommands(self, p: Parameters, uploads: Uploads) -> bool:
        self.state.commands.pop(self._scope(p, "deletemycommands"), None)
        return True

    def _scope(self, p: Parameters, rule: str) -> tuple[str, str]:
        scope = p.get("scope") or {"type": "default"}
        needs = SCOPES.get(str(scope.get("type")))
        if needs is None or set(scope) != {"type"} | needs:
            raise broken(f"can't parse BotCommandScope {scope!r}", "botcommandscope")
        if needs:
            self.state.chat(scope["chat_id"], rule)
        return json.dumps(scope, sort_keys=True), self._language(p, rule)

    def _language(self, p: Parameters, rule: str) -> str:
        code = p.get("language_code", "")
        if not re.fullmatch(r"([a-z]{2})?", code):
            raise broken("language_code is a two-letter ISO 639-1 code, or empty", rule)
        return str(code)

    def _set_text(self, p: Parameters, name: str, most: int, rule: str) -> bool:
        value = p.get(name, "")
        if len(value) > most:
            raise broken(f"{name} is longer than {most} characters", rule)
        self.state.texts[name, self._language(p, rule)] = value
        return True

    def _get_text(self, p: Parameters, name: str, rule: str) -> Json:
        language = self._language(p, rule)
        texts = self.state.texts
        return {name: texts.get((name, language)) or texts.get((name, ""), "")}

    def setMyName(self, p: Parameters, uploads: Uploads) -> bool:
        return self._set_text(p, "name", 64, "setmyname")

    def getMyName(self, p: Parameters, uploads: Uploads) -> Json:
        return {"name": self._get_text(p, "name", "getmyname")["name"] or self.state.bot["first_name"]}

    def setMyDescription(self, p: Parameters, uploads: Uploads) -> bool:
        return self._set_text(p, "description", 512, "setmydescription")

    def getMyDescription(self, p: Parameters, uploads: Uploads) -> Json:
        return self._get_text(p, "description", "getmydescription")

    def setMyShortDescription(self, p: Parameters, uploads: Uploads) -> bool:
        return self._set_text(p, "short_description", 120, "setmyshortdescription")

    def getMyShortDescription(self, p: Parameters, uploads: Uploads) -> Json:
        return self._get_text(p, "short_description", "getmyshortdescription")

    def setChatMenuButton(self, p: Parameters, uploads: Uploads) -> bool:
        button = p.get("menu_button", {"type": "default"})
        if button.get("type") not in ("commands", "web_app", "default"):
            raise broken(f"can't parse MenuButton {button!r}", "menubutton")
        self.state.menu_buttons[p.get("chat_id")] = button
        return True

    def getChatMenuButton(self, p: Parameters, uploads: Uploads) -> Json:
        return self.state.menu_buttons.get(p.get("chat_id"), {"type": "commands"})

    # Sending

    def sendMessage(self, p: Parameters, uploads: Uploads) -> Json:
        rule = "sendmessage"
        text, entities = self._text(p, rule)
        markup = check_markup(p["reply_markup"]) if "reply_markup" in p else None
        self._check_preview(p)
        chat = self.state.writable(p["chat_id"], rule)
        message = {"text": text, **self._entities(text, entities), **self._common(p, chat, rule)}
        if "link_preview_options" in p:
            message["link_preview_options"] = p["link_preview_options"]
        return self._sent(chat, message, markup)

    def sendRichMessage(self, p: Parameters, uploads: Uploads) -> Json:
        rule = "sendrichmessage"
        rich = check_rich(p["rich_message"])
        markup = check_markup(p["reply_markup"]) if "reply_markup" in p else None
        chat = self.state.writable(p["chat_id"], rule)
        return self._sent(chat, {"rich_message": rich, **self._common(p, chat, rule)}, markup)

    def sendMessageDraft(self, p: Parameters, uploads: Uploads) -> bool:
        rule = "sendmessagedraft"
        text, entities = self._text({"text": "", **p}, rule, least=0)
        if "can_stop" in p and not self.state.rich:
            raise broken("sendMessageDraft has no can_stop before Bot API 10.3", rule)
        if p["draft_id"] == 0:
            raise broken("draft_id must be non-zero", rule)
        if not -(2**63) <= p["draft_id"] < 2**63:
            raise broken("draft_id is out of range", rule)
        chat = self.state.writable(p["chat_id"], rule)
        if chat.kind != "private":
            raise broken("TEXTDRAFT_PEER_INVALID: a draft is for a private chat", rule)
        draft = {
            "message_id": None,
            "draft_id": p["draft_id"],
            "text": text,
            **self._entities(text, entities),
        }
        chat.drafts[p["draft_id"]] = (time.monotonic(), draft)
        self.state.note("draft", chat, True, None, **draft)
        return True

    def sendDocument(self, p: Parameters, uploads: Uploads) -> Json:
        rule = "senddocument"
        caption = self._caption(p, rule)
        markup = check_markup(p["reply_markup"]) if "reply_markup" in p else None
        file = self._file(p, "document", uploads, MOST_UPLOAD, rule)
        chat = self.state.writable(p["chat_id"], rule)
        document = {
            "file_id": file.id,
            "file_unique_id": file.unique,
            "file_size": len(file.content),
            **({"file_name": file.name} if file.name else {}),
            **({"mime_type": file.mime} if file.mime else {}),
        }
        return self._sent(chat, {"document": document, **caption, **self._common(p, chat, rule)}, markup)

    def sendPhoto(self, p: Parameters, uploads: Uploads) -> Json:
        rule = "sendphoto"
        caption = self._caption(p, rule)
        markup = check_markup(p["reply_markup"]) if "reply_markup" in p else None
        file = self._file(p, "photo", uploads, MOST_PHOTO, rule)
        chat = self.state.writable(p["chat_id"], rule)
        size = {"file_id": file.id, "file_unique_id": file.unique, "width": 90, "height": 90}
        photo = [{**size, "file_size": len(file.content)}]
        return self._sent(chat, {"photo": photo, **caption, **self._common(p, chat, rule)}, markup)

    def sendChatAction(self, p: Parameters, uploads: Uploads) -> bool:
        if p["action"] not in ACTIONS:
            raise broken(f"wrong parameter action in request: {p['action']!r}", "sendchataction")
        chat = self.state.writable(p["chat_id"], "sendchataction")
        self._topic(p, chat, None, "sendchataction")
        self.state.note("action", chat, True, None, text=p["action"])
        return True

    def setMessageReaction(self, p: Parameters, uploads: Uploads) -> bool:
        rule = "setmessagereaction"
        reactions = p.get("reaction", [])
        if len(reactions) > 1:
            raise broken("a bot can set up to one reaction per message", rule)
        for reaction in reactions:
            if reaction.get("type") == "emoji" and not isinstance(reaction.get("emoji"), str):
                raise broken("REACTION_INVALID", "reactiontypeemoji")
        chat = self.state.writable(p["chat_id"], rule)
        message = chat.messages.get(p["message_id"])
        if message is None:
            raise forbidden("message to react not found", rule)
        self.state.note("reaction", chat, True, message, reaction=reactions)
        return True

    def answerCallbackQuery(self, p: Parameters, uploads: Uploads) -> bool:
        rule = "answercallbackquery"
        if len(p.get("text", "")) > 200:
            raise broken("MESSAGE_TOO_LONG: the text of an answer has 0-200 characters", rule)
        # "You can use links like t.me/your_bot?start=XXXX that open your bot with a parameter", else games.
        if "url" in p and not re.match(rf"(https?://)?t\.me/{self.state.bot['username']}\?start=", p["url"]):
            raise broken("URL_INVALID", rule)
        press = self.state.presses.get(p["callback_query_id"])
        if press is None or time.monotonic() - press.at > QUERY_SECONDS:
            raise forbidden("query is too old and response timeout expired or query ID is invalid", rule)
        answer: Json = {name: p[name] for name in ("text", "show_alert", "url") if name in p}
        press.answers.append(answer)
        chat = self.state.chats[press.chat]
        self.state.note("notice", chat, True, None, **answer)
        return True

    # Where the bot is not

    def answerInlineQuery(self, p: Parameters, uploads: Uploads) -> bool:
        rule = "answerinlinequery"
        if len(p["results"]) > MOST_RESULTS:
            raise broken(f"no more than {MOST_RESULTS} results per query are allowed", rule)
        for result in p["results"]:
            check_result(result)
        ids = [result["id"] for result in p["results"]]
        if len(set(ids)) < len(ids):
            raise broken("RESULT_ID_DUPLICATE", rule)
        check_button(p.get("button"))
        if len(p.get("next_offset", "").encode()) > 64:
            raise broken("next_offset can't exceed 64 bytes", rule)
        query = self.state.queries.get(p["inline_query_id"])
        if query is None or time.monotonic() - query.at > INLINE_SECONDS:
            raise forbidden("query is too old and response timeout expired or query ID is invalid", rule)
        query.results, query.button = p["results"], p.get("button")
        self.state.changed.notify_all()
        return True

    def answerGuestQuery(self, p: Parameters, uploads: Uploads) -> Json:
        rule = "answerguestquery"
        message = check_result(p["result"])
        guest = self.state.guests.get(p["guest_query_id"])
        if guest is None or guest.answer is not None:
            raise forbidden("query is too old and response timeout expired or query ID is invalid", rule)
        chat = self.state.chats[guest.chat]
        by = {"from": self._sender(), "guest_bot_caller_user": guest.message["from"]}
        guest.answer = self.state.put(chat, {**by, **message}, by_bot=True)
        return {"inline_message_id": f"guest{guest.id}"}

    # Changing

    def editMessageText(self, p: Parameters, uploads: Uploads) -> Json:
        rule = "editmessagetext"
        text, entities = self._text(p, rule)
        markup = check_markup(p["reply_markup"], inline_only=True) if "reply_markup" in p else None
        self._check_preview(p)
        chat, message = self._own(p, rule)
        if "text" not in message:
            raise forbidden("there is no text in the message to edit", rule)
        changed = {"text": text, **self._entities(text, entities)}
        return self._edit(chat, message, changed, ("text", "entities"), markup, "edit")

    def editMessageCaption(self, p: Parameters, uploads: Uploads) -> Json:
        rule = "editmessagecaption"
        caption = self._caption(p, rule)
        markup = check_markup(p["reply_markup"], inline_only=True) if "reply_markup" in p else None
        chat, message = self._own(p, rule)
        if "text" in message:
            raise forbidden("there is no caption in the message to edit", rule)
        return self._edit(chat, message, caption, ("caption", "caption_entities"), markup, "edit")

    def editMessageReplyMarkup(self, p: Parameters, uploads: Uploads) -> Json:
        markup = check_markup(p["reply_markup"], inline_only=True) if "reply_markup" in p else None
        chat, message = self._own(p, "editmessagereplymarkup")
        return self._edit(chat, message, {}, (), markup, "buttons")

    def _own(self, p: Parameters, rule: str) -> tuple[Chat, Json]:
        if "inline_message_id" in p:
            raise broken("MESSAGE_ID_INVALID: this bot has no inline mode", rule)
        for name in ("chat_id", "message_id"):
            if name not in p:
                raise broken(f"{name} is required if inline_message_id is not specified", rule)
        chat = self.state.writable(p["chat_id"], rule)
        message = chat.messages.get(p["message_id"])
        if message is None:
            raise forbidden("message to edit not found", rule)
        if message.get("from", {}).get("id") != self.state.bot["id"]:
            raise broken("message can't be edited", rule)
        return chat, message

    def _edit(
        self,
        chat: Chat,
        message: Json,
        changed: Json,
        names: tuple[str, ...],
        markup: Json | None,
        kind: str,
    ) -> Json:
        """`reply_markup` left out takes the buttons away; what stays the same in all is an error."""
        old = {name: message.get(name) for name in (*names, "reply_markup")}
        new = {**{name: changed.get(name) for name in names}, "reply_markup": markup}
        if old == new:
            raise forbidden(
                "message is not modified: specified new message content and reply markup are exactly the "
                "same as a current content and reply markup of the message",
                "updating-messages",
            )
        edited = {key: value for key, value in message.items() if key not in (*names, "reply_markup")}
        edited |= changed | ({"reply_markup": markup} if markup else {}) | {"edit_date": int(time.time())}
        chat.messages[message["message_id"]] = edited
        self.state.note(kind, chat, True, edited)
        return edited

    def deleteMessage(self, p: Parameters, uploads: Uploads) -> bool:
        rule = "deletemessage"
        chat = self.state.writable(p["chat_id"], rule)
        self._delete(chat, p["message_id"], rule)
        return True

    def deleteMessages(self, p: Parameters, uploads: Uploads) -> bool:
        rule = "deletemessages"
        numbers = p["message_ids"]
        if not 1 <= len(numbers) <= 100 or not all(type(number) is int for number in numbers):
            raise broken("message_ids are 1-100 numbers", rule)
        chat = self.state.writable(p["chat_id"], rule)
        for number in numbers:
            # "If some of the specified messages can't be found, they are skipped."
            if number in chat.messages:
                self._delete(chat, number, rule)
        return True

    def _delete(self, chat: Chat, number: int, rule: str) -> None:
        message = chat.messages.get(number)
        if message is None:
            raise forbidden("message to delete not found", rule)
        own = message.get("from", {}).get("id") == self.state.bot["id"]
        # Incoming ones only in private chats, and where the bot is an administrator that may.
        if not own and chat.kind != "private":
            raise forbidden("message can't be deleted", rule)
        if time.time() - message["date"] > 48 * 3600:
            raise forbidden("message can't be deleted for everyone", rule)
        del chat.messages[number]
        chat.deleted.add(number)
        self.state.note("delete", chat, True, message)

    # Files and chats

    def getFile(self, p: Parameters, uploads: Uploads) -> Json:
        file = self.state.files.get(p["file_id"])
        if file is None:
            raise broken("wrong file_id or the file is temporarily unavailable", "getfile")
        if len(file.content) > MOST_DOWNLOAD:
            raise forbidden("file is too big", "getfile")
        return {
            "file_id": file.id,
            "file_unique_id": file.unique,
            "file_size": len(file.content),
            "file_path": file.path,
        }

    def getChat(self, p: Parameters, uploads: Uploads) -> Json:
        chat = self.state.chat(p["chat_id"], "getchat")
        gifts = (
            "unlimited_gifts",
            "limited_gifts",
            "unique_gifts",
            "premium_subscription",
            "gifts_from_channels",
        )
        return {
            **chat.info,
            "accent_color_id": 0,
            "max_reaction_count": 11,
            "accepted_gift_types": dict.fromkeys(gifts, False),
        }

    def getChatMember(self, p: Parameters, uploads: Uploads) -> Json:
        chat = self.state.chat(p["chat_id"], "getchatmember")
        user = self.state.bot if p["user_id"] == self.state.bot["id"] else self.state.users.get(p["user_id"])
        if user is None:
            raise forbidden("user not found", "getchatmember")
        if p["user_id"] in chat.admins:
            # https://core.telegram.org/bots/api#chatmemberowner
            return {"status": "creator", "user": user, "is_anonymous": True}
        return {"status": "member" if p["user_id"] in chat.members else "left", "user": user}

    def getChatMemberCount(self, p: Parameters, uploads: Uploads) -> int:
        return len(self.state.chat(p["chat_id"], "getchatmembercount").members)

    def getChatAdministrators(self, p: Parameters, uploads: Uploads) -> list[Json]:
        chat = self.state.chat(p["chat_id"], "getchatadministrators")
        if chat.kind == "private":
            raise broken("there are no administrators in the private chat", "getchatadministrators")
        return []

    def leaveChat(self, p: Parameters, uploads: Uploads) -> bool:
        chat = self.state.writable(p["chat_id"], "leavechat")
        if chat.kind == "private":
            raise broken("chat member status can't be changed in private chats", "leavechat")
        chat.members.discard(self.state.bot["id"])
        return True

    # What several of them share

    def _text(self, p: Parameters, rule: str, *, least: int = 1) -> tuple[str, list[Json]]:
        self._no_markup(p)
        return formatted(p["text"], p.get("entities", []), rule=rule, least=least, most=MOST_TEXT)

    def _caption(self, p: Parameters, rule: str) -> Json:
        self._no_markup(p)
        text, entities = formatted(
            p.get("caption", ""),
            p.get("caption_entities", []),
            rule=rule,
            least=0,
            most=MOST_CAPTION,
            what="caption",
        )
        if not text:
            return {}
        return {"caption": text, **({"caption_entities": entities} if entities else {})}

    def _no_markup(self, p: Parameters) -> None:
        # Parsing HTML and Markdown as Telegram does is not held here; entities are its equal.
        if p.get("parse_mode"):
            raise broken(
                "can't parse entities: this server takes entities, not a parse_mode", "formatting-options"
            )

    def _entities(self, text: str, given: list[Json]) -> Json:
        entities = [*given, *detected(text, [e for e in given if e["type"] in ("pre", "code", "text_link")])]
        entities.sort(key=lambda each: (each["offset"], -each["length"]))
        return {"entities": entities} if entities else {}

    def _check_preview(self, p: Parameters) -> None:
        options = p.get("link_preview_options")
        if options is None:
            return
        known = {"is_disabled", "url", "prefer_small_media", "prefer_large_media", "show_above_text"}
        if stray := set(options) - known:
            raise broken(f"LinkPreviewOptions has no {sorted(stray)}", "linkpreviewoptions")
        if options.get("url") and not is_url(options["url"]):
            raise broken("the URL of the link preview is invalid", "linkpreviewoptions")

    def _common(self, p: Parameters, chat: Chat, rule: str) -> Json:
        if p.get("business_connection_id") or p.get("direct_messages_topic_id"):
            raise broken("BUSINESS_CONNECTION_INVALID: no business account is connected", rule)
        fields: Json = {}
        if p.get("protect_content"):
            fields["has_protected_content"] = True
        if "reply_parameters" in p:
            fields |= self._reply(p["reply_parameters"], chat)
        return fields | self._topic(p, chat, fields.get("reply_to_message"), rule)

    def _topic(self, p: Parameters, chat: Chat, replied: Json | None, rule: str) -> Json:
        """The topic that a message goes to: the one that is named, else the one of the message replied to,
        else General ("for forum supergroups and private chats of bots with forum topic mode enabled only",
        `message_thread_id`)."""
        thread = p.get("message_thread_id")
        if thread is None and replied is not None:
            thread = replied.get("message_thread_id")
        if thread is None:
            return {}
        if thread not in chat.topics:
            raise forbidden("message thread not found", rule)
        if chat.topics[thread] == "closed":
            # Administrators with the right to manage topics may; the bot has no such right here.
            raise forbidden("TOPIC_CLOSED", rule)
        return {"message_thread_id": thread, "is_topic_message": True}

    def _reply(self, given: Json, chat: Chat) -> Json:
        rule = "replyparameters"
        known = {
            *("message_id", "chat_id", "allow_sending_without_reply", "quote", "quote_parse_mode"),
            *("quote_entities", "quote_position", "checklist_task_id", "poll_option_id"),
        }
        if stray := set(given) - known:
            raise broken(f"ReplyParameters has no {sorted(stray)}", rule)
        if type(given.get("message_id")) is not int:
            raise broken("reply parameters need a message_id", rule)
        if given.get("quote_parse_mode"):
            raise broken("this server takes entities, not a quote_parse_mode", rule)
        quote, quoted = formatted(
            given.get("quote", ""),
            given.get("quote_entities", []),
            rule=rule,
            least=0,
            most=1024,
            what="quote",
        )
        if kinds := {entity["type"] for entity in quoted} - _IN_QUOTES:
            raise broken(f"a quote carries no {sorted(kinds)}", rule)
        source = chat if given.get("chat_id") in (None, chat.id) else self.state.chat(given["chat_id"], rule)
        replied = source.messages.get(given["message_id"])
        if replied is None:
            if given.get("allow_sending_without_reply"):
                return {}
            raise forbidden("message to be replied not found", rule)
        short = {key: value for key, value in replied.items() if key not in ("reply_to_message", "quote")}
        if not quote:
            return {"reply_to_message": short}
        place = self._find_quote(quote, quoted, replied, given.get("quote_position", 0))
        found = {"text": quote, "position": place, "is_manual": True}
        return {"reply_to_message": short, "quote": found | ({"entities": quoted} if quoted else {})}

    def _find_quote(self, quote: str, quoted: list[Json], replied: Json, hint: int) -> int:
        """ "The quote must be an exact substring of the message to be replied to, including bold, italic, …
        entities"; where it is there more than once, the one nearest to the position given is meant."""
        text = replied.get("text") or replied.get("caption") or ""
        entities = replied.get("entities") or replied.get("caption_entities") or []
        places = [units(text[: match.start()]) for match in re.finditer(f"(?={re.escape(quote)})", text)]
        for place in sorted(places, key=lambda each: abs(each - hint)):
            if slice_units(text, place, place + units(quote)) != quote:
                continue
            inside = []
            for entity in entities:
                start = max(entity["offset"], place)
                end = min(entity["offset"] + entity["length"], place + units(quote))
                if end > start and entity["type"] in _IN_QUOTES:
                    inside.append((entity["type"], start - place, end - start))
            if sorted(inside) == sorted((e["type"], e["offset"], e["length"]) for e in quoted):
                return place
        raise broken("QUOTE_TEXT_INVALID", "replyparameters")

    def _file(self, p: Parameters, name: str, uploads: Uploads, most: int, rule: str) -> File:
        """A file sent along (as the field itself, or named by `attach://`), or one that is stored already."""
        value = p.get(name)
        upload = uploads.get(name)
        if isinstance(value, str) and value.startswith("attach://"):
            upload = uploads.get(value.removeprefix("attach://"))
            if upload is None:
                raise broken(f"file {value} was not sent along", "sending-files")
        if upload is not None:
            if not upload.content:
                raise broken("file must be non-empty", "sending-files")
            if len(upload.content) > most:
                raise broken("Request Entity Too Large", "sending-files", 413)
            self.state.files[upload.id] = upload
            return upload
        stored = self.state.files.get(str(value))
        if stored is None:
            raise broken("wrong file identifier/HTTP URL specified", "sending-files")
        return stored

    def _sent(self, chat: Chat, message: Json, markup: Json | None) -> Json:
        # Only inline keyboards are part of a message as it is given back.
        shown = {"reply_markup": markup} if markup and "inline_keyboard" in markup else {}
        return self.state.put(chat, {"from": self._sender(), **message, **shown}, by_bot=True)

    def _sender(self) -> Json:
        return {key: self.state.bot[key] for key in ("id", "is_bot", "first_name", "username")}
