"""Which chat model answers: `kutip model list`, `pull` and `use`, and opening the one that is set."""

from __future__ import annotations

import hashlib
import logging
import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from bot.settings import Settings
from bot.uses import Uses, keep, uses
from rag.errors import DiskFull, InputError, KutipError, ModelError, store_error
from rag.reading.llama import fingerprint

if TYPE_CHECKING:
    from rag.writing.decoder import ChatModel
    from rag.writing.remote import RemoteModel

_GIGABYTE = 1 << 30
"""Bytes."""
_SPARE = 1.05
"""How much free disk a download needs, as a share of the model's size."""
_PIECE = 1 << 22
"""Bytes that are hashed at once."""
PROBED = "probed"
"""The file in an installation's folder that lists what was probed already."""
READER = "reader"
"""The name that chooses the built-in reader."""


@dataclass(frozen=True, slots=True)
class Model:
    """A chat model that can be pulled.

    `weights` in billions, `size` of the file and `memory` in GB: the file and a context of 8,192 tokens in 16
    bits. `measured`: whether its answers were measured with this version, see `docs/models.md`.
    """

    name: str
    repository: str
    file: str
    weights: float
    size: float
    memory: float
    licence: str
    languages: str
    measured: bool = False


MODELS = (
    Model(
        "qwen2.5-coder-1.5b",
        "Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
        "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        1.5,
        1.1,
        1.5,
        "Apache-2.0",
        "made for code; writes plain Indonesian and English, translates badly",
        measured=True,
    ),
    Model(
        "qwen3-1.7b",
        "unsloth/Qwen3-1.7B-GGUF",
        "Qwen3-1.7B-Q4_K_M.gguf",
        1.7,
        1.1,
        2.2,
        "Apache-2.0",
        "119 languages, Indonesian among them",
    ),
    Model(
        "qwen3-4b",
        "unsloth/Qwen3-4B-Instruct-2507-GGUF",
        "Qwen3-4B-Instruct-2507-Q4_K_M.gguf",
        4.0,
        2.5,
        3.9,
        "Apache-2.0",
        "119 languages, Indonesian among them; does not think aloud",
    ),
    Model(
        "sahabat-ai-8b",
        "gmonsoon/llama3-8b-cpt-sahabatai-v1-instruct-GGUF",
        "llama3-8b-cpt-sahabatai-v1-instruct.Q4_K_M.gguf",
        8.0,
        4.9,
        6.2,
        "Llama 3 Community",
        "made for Indonesian, Javanese, Sundanese; and English",
    ),
    Model(
        "sea-lion-8b",
        "aisingapore/llama3.1-8b-cpt-sea-lionv3-instruct-gguf",
        "llama3.1-8B-cpt-sea-lionv3-instruct-Q4_K_M.gguf",
        8.0,
        4.9,
        6.2,
        "Llama 3.1 Community",
        "made for 13 languages of Southeast Asia, Indonesian among them; and English",
    ),
    Model(
        "qwen3-8b",
        "Qwen/Qwen3-8B-GGUF",
        "Qwen3-8B-Q4_K_M.gguf",
        8.2,
        5.0,
        6.5,
        "Apache-2.0",
        "119 languages, Indonesian among them",
    ),
    Model(
        "sea-lion-9b",
        "QuantFactory/gemma2-9b-cpt-sea-lionv3-instruct-GGUF",
        "gemma2-9b-cpt-sea-lionv3-instruct.Q4_K_M.gguf",
        9.2,
        5.8,
        8.8,
        "Gemma",
        "made for 13 languages of Southeast Asia, Indonesian among them; and English",
    ),
)
"""The models that `kutip model list` shows, smallest first."""


def open_writer(settings: Settings) -> ChatModel | RemoteModel | None:
    """The server or the GGUF that is set; None for the built-in reader.

    A GGUF is probed in a process of its own the first time that it is met. Raises ModelError.
    """
    if settings.model_url is not None:
        # Imported late: its HTTP client takes a tenth of a second that no other engine needs.
        from rag.writing.remote import RemoteModel

        key = settings.model_key.get_secret_value() if settings.model_key else None
        return RemoteModel(
            settings.model_url, key, settings.model_name, settings.context, settings.model_seconds
        )
    path = chosen(settings)
    if path is None:
        return None
    check(settings, path)
    if not uses(settings, path).any:
        # Its trial has shown that it is good for nothing here.
        return None
    from rag.writing.decoder import ChatModel

    return ChatModel(
        path,
        context=settings.context,
        threads=settings.threads,
        gpu_layers=settings.gpu_layers,
        flash_attention=settings.flash_attention,
        kv_cache=settings.kv_cache,
    )


def chosen(settings: Settings) -> Path | None:
    """The GGUF that the setting names, else the one that was chosen with `use`, else None."""
    name = settings.model
    if name is None:
        with suppress(OSError):
            name = _choice(settings).read_text(encoding="utf-8").strip()
    return None if name in (None, "", READER) else _path(settings, name or "")


def usable(settings: Settings, name: str) -> Path:
    """The file of a model by its name or path. Raises ModelError, in one line, where it cannot be used."""
    path = _path(settings, name).resolve()
    check(settings, path)
    return path


def use(settings: Settings, name: str, found: Uses | None = None) -> str:
    """Makes this model the one that answers, for what it was found good for (None: everything), and returns a
    line that says so. Raises KutipError where it cannot be used."""
    if name == READER:
        _choice(settings).unlink(missing_ok=True)
        return "the built-in reader answers from now on"
    path, found = usable(settings, name), found or Uses()
    try:
        settings.home.mkdir(0o700, parents=True, exist_ok=True)
        _choice(settings).write_text(f"{path}\n", encoding="utf-8")
    except OSError as error:
        message = f"the choice cannot be kept in {settings.home} ({error.strerror})"
        raise store_error(message, settings.home, cause=error) from error
    keep(settings, path, found)
    overruled = "; but KUTIP_MODEL is set, and goes before it" if settings.model is not None else ""
    if not found.any:
        return f"{path.stem} is used for nothing here: the built-in reader answers{overruled}"
    if not found.answers:
        return f"the built-in reader answers; {path.stem} does the rest{overruled}"
    return f"{path.stem} answers from now on{overruled}"


def check(settings: Settings, path: Path) -> None:
    """Raises ModelError, in one line, for a file that is no chat model that this machine can run.

    What was found usable is remembered by the file's fingerprint, so that a start does not wait for it.
    """
    record = settings.home / PROBED
    mark = fingerprint(path, str(settings.context))
    with suppress(OSError):
        if mark in record.read_text(encoding="utf-8").split():
            return
    from rag.writing.probe import probe

    probe(path, settings.context)
    with suppress(OSError):
        settings.home.mkdir(0o700, parents=True, exist_ok=True)
        with record.open("a", encoding="utf-8") as file:
            file.write(f"{mark}\n")


def listed(settings: Settings) -> list[str]:
    """A line a model: what can be pulled, what is here already, and which one answers."""
    current = chosen(settings)
    lines = []
    for model in MODELS:
        here = settings.models / model.file
        state = "in use" if current == here else "pulled" if here.exists() else ""
        measured = "measured here" if model.measured else "not measured here"
        lines.append(
            f"{model.name:18} {model.weights:3.1f}B {model.size:4.1f} GB, memory {model.memory:3.1f} GB  "
            f"{model.licence:19}  {measured:17}  {model.languages}{f'  ({state})' if state else ''}"
        )
    known = {model.file for model in MODELS}
    for path in sorted(settings.models.glob("*.gguf")) if settings.models.exists() else []:
        if path.name not in known:
            lines.append(f"{path.stem:18} {path.stat().st_size / _GIGABYTE:5.1f} GB  (pulled)")
    if current is None:
        lines.append("the built-in reader answers now; `kutip model use NAME` changes it")
    else:
        if current.parent != settings.models:
            lines.append(f"{current} is in use")
        lines.append(f"{current.stem} is used for {uses(settings, current)}")
    from rag.writing.probe import available

    free = available()
    if free is not None:
        lines.append(f"free memory: {free / _GIGABYTE:.1f} GB")
    return lines


def pull(
    settings: Settings,
    name: str,
    progress: Callable[[int, int | None, str], None],
    endpoint: str | None = None,
) -> Path:
    """Downloads a model of the list, or `owner/repository/file.gguf`, and checks it.

    A download that was cut short goes on where it stopped. Raises KutipError, in one line: offline, no such
    file, no room, a wrong checksum.
    """
    model = next((each for each in MODELS if each.name == name), None)
    owner, repository, file = (*model.repository.split("/"), model.file) if model else _parts(name)
    # Imported late: it takes a second, and nothing else needs it.
    from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url
    from huggingface_hub.errors import HfHubHTTPError

    # What it says of a download that it resumes by itself is not for the user.
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    place = settings.models / file
    try:
        settings.models.mkdir(0o700, parents=True, exist_ok=True)
    except OSError as error:
        message = f"the folder {settings.models} cannot be made ({error.strerror})"
        raise store_error(message, settings.models, cause=error) from error
    try:
        url = hf_hub_url(f"{owner}/{repository}", file, endpoint=endpoint)
        about = get_hf_file_metadata(url, endpoint=endpoint)
        size = about.size or 0
        free = shutil.disk_usage(settings.models).free
        if not place.exists() and size * _SPARE > free:
            raise DiskFull(
                f"{file} has {size / _GIGABYTE:.1f} GB and the disk {free / _GIGABYTE:.1f} free", "make room"
            )
        hf_hub_download(
            f"{owner}/{repository}",
            file,
            local_dir=settings.models,
            endpoint=endpoint,
            tqdm_class=_bar(progress, file),
        )
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        if status in (401, 403, 404):
            raise InputError(
                f"{owner}/{repository} has no {file} that anyone may download (status {status})",
                "see its page for the licence to accept, or another name",
            ) from error
        raise ModelError(f"the download failed ({_line(error)})", "run it again; it goes on") from error
    except KutipError:
        raise
    except Exception as error:
        # Whatever its client raises: refused, timed out, a broken connection, offline mode.
        raise ModelError(
            f"{file} could not be downloaded ({_line(error)})",
            "check the connection and run it again: it goes on where it stopped",
        ) from error
    _verify(place, size, about.etag, progress)
    return place


def _verify(
    path: Path, size: int, etag: str | None, progress: Callable[[int, int | None, str], None]
) -> None:
    """Raises ModelError for a file that is not what the server described; it is deleted then."""
    wanted = etag if etag and re.fullmatch(r"[0-9a-f]{64}", etag) else None
    digest, done = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            done += len(piece)
            progress(done, size or None, "checking")
    if (size and done != size) or (wanted and digest.hexdigest() != wanted):
        path.unlink()
        raise ModelError(f"{path.name} arrived damaged and was deleted", "run it again")


def _bar(progress: Callable[[int, int | None, str], None], file: str) -> type:
    """What huggingface_hub tells how far it is; it takes a class in the manner of tqdm's."""

    class Told:
        def __init__(self, total: int | None = None, initial: int = 0, **more: object) -> None:
            self._done, self._total = initial, total

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *error: object) -> None:
            pass

        def update(self, count: float | None = 1) -> None:
            self._done += int(count or 0)
            progress(self._done, self._total, file)

    return Told


def _parts(name: str) -> tuple[str, str, str]:
    match name.removeprefix("https://huggingface.co/").split("/"):
        case [owner, repository, file] if file.endswith(".gguf"):
            return owner, repository, file
    raise InputError(
        f"there is no model {name} in the list", "`kutip model list` shows it; or owner/repository/file.gguf"
    )


def _path(settings: Settings, name: str) -> Path:
    """A model by the list's name, by that of a pulled file, or by its path. Raises ModelError for none."""
    model = next((each for each in MODELS if each.name == name), None)
    places = (
        [settings.models / model.file]
        if model
        else [Path(name).expanduser(), settings.models / name, settings.models / f"{name}.gguf"]
    )
    for place in places:
        if place.is_file():
            return place
    advice = f"`kutip model pull {name}` gets it" if model else "`kutip model list` shows what there is"
    raise ModelError(f"there is no model {name} here", advice)


def _choice(settings: Settings) -> Path:
    return settings.home / "model"


def _line(error: object) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
