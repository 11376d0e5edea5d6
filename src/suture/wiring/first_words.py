"""Asks a pack for its first words: kept when it is promoted, and compared whenever it is loaded to be served."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, closing
from pathlib import Path

from suture.core.digest import digest_of_text
from suture.core.errors import BadFile, SutureError
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.first_words import FirstWords, KeptWords, compared
from suture.core.measure.speech import Piece, Speech
from suture.core.measure.task import Message
from suture.core.plan.speaker import Speaker
from suture.engines.llamacpp_speaker import LlamaCppSpeaker
from suture.engines.table import LLAMACPP
from suture.files.small_files import read_model, write_json
from suture.packs.bases.pack_template import servable
from suture.store.home import Home
from suture.store.kept_policies import verified_policy
from suture.store.store import Store
from suture.store.vouching import made_again

TOKENS = 4
_CONTEXT = 512
_QUESTION = (Message(role="user", content="Hello."),)

Ask = Callable[[Path], FirstWords]
"""Loads a pack and asks it. Raises SutureError."""


async def first_words(speaker: Speaker, template: ChatTemplate) -> FirstWords:
    """Ask for them. Raises SutureError: as ``Speaker``."""
    prompt, text = template.render(_QUESTION), ""
    async with aclosing(speaker.speak(Speech(prompt=prompt, max_tokens=TOKENS))) as said:
        async for part in said:
            text += part.text if isinstance(part, Piece) else ""
    return FirstWords.of(speaker.identity, digest_of_text(prompt), text)


def require_same_words(home: Home, sha256: str, now: FirstWords) -> str:
    """Compare with what was kept when the pack was promoted; "" where nothing was.

    Raises:
        BadFile: they are others.
    """
    kept = _kept(home.first_words(sha256))
    said = compared(kept, now)
    if said is None:
        then = next(one.text for one in reversed(kept) if one.engine == now.engine)
        raise BadFile(
            f"{sha256[:12]} said {then!r} when it was promoted and says {now.text!r} now, on the same engine",
            mend="suture verify",
        )
    return said


def keep_first_words(store: Store, sha256: str, *, ask: Ask | None = None) -> str:
    """Ask every pack of what was promoted for its first words, and keep them.

    Returns:
        Why there are none of some pack; "" where all are kept: a promotion does not fail for want of them.
    """
    try:
        policy = verified_policy(store, sha256)
        for pack, path in policy.packs.items():
            kept = store.home.first_words(pack)
            before = _kept(kept)
            now = (ask or _ask)(path)
            if compared(before, now) is None or all(one.engine != now.engine for one in before):
                with made_again(store, kept):
                    others = [one for one in before if one.engine != now.engine]
                    write_json(kept, KeptWords(pack=pack, said=(*others, now)).to_json())
    except SutureError as error:
        return str(error)
    return ""


def _kept(path: Path) -> tuple[FirstWords, ...]:
    return read_model(path, KeptWords, what="file of first words").said if path.exists() else ()


def _ask(pack: Path) -> FirstWords:
    """In a thread, whose event loop is its own: whoever promotes may have one running."""
    info = servable(pack)
    identity = LLAMACPP.identify(EngineChoice(name=LLAMACPP.name, batch=1))

    async def asked() -> FirstWords:
        with closing(LlamaCppSpeaker(pack, identity, slots=1, context=min(info.context or _CONTEXT, _CONTEXT))) as one:
            return await first_words(one, info.template)

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, asked()).result()
