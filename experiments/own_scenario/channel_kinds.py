"""What a channel probably is, by its name and its money: a guess, said as one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from experiments.company_data.vocabulary import words_of

PAID, ORGANIC, RETARGETED, OWNED = "paid search", "organic search", "retargeting", "owned media"
CONTENT, MEDIA = "content", "media"

NAMES: Mapping[str, str] = {
    RETARGETED: "retargeting remarketing retarget criteo rlsa 重定向 再营销",
    ORGANIC: "seo organic 自然搜索",
    PAID: "search sem sea ppc adwords google bing baidu brandsearch shopping pmax 搜索 百度 竞价",
    OWNED: "email mail newsletter edm crm sms push wechat 微信 短信 邮件 公众号",
    CONTENT: "instagram pinterest influencer influencers kol kols blog blogs content reddit "
    "xiaohongshu bilibili forum forums affiliate affiliates pr 小红书 知乎 种草 内容",
}  # fmt: skip
KIND_OF = {word: kind for kind, words in NAMES.items() for word in words.split()}
FIRST_TIER = {PAID, ORGANIC, RETARGETED, OWNED}
SMALL = 0.03
"""Share of spend below which a channel of no known kind is of the third tier."""


@dataclass(frozen=True)
class Kind:
    """A channel's kind and tier, and why it is taken for that."""

    kind: str
    tier: int
    because: str


def kind_of(name: str, share: float) -> Kind:
    """The kind of a channel by the words of its name, and its tier by kind and share of spend."""
    word = next((w for w in _words(name) if w in KIND_OF), "")
    kind = KIND_OF.get(word, MEDIA)
    because = f"its name says {word!r}" if word else "nothing in its name tells another kind"
    if kind in FIRST_TIER:
        return Kind(kind, 1, because)
    if share < SMALL:
        return Kind(kind, 3, f"{because}, and it has {share:.1%} of the spend")
    return Kind(kind, 2, because)


def _words(name: str) -> list[str]:
    """The words of a name; Chinese has none between blanks, so known ones inside it count."""
    small = [word.lower() for word in words_of(name)]
    inside = [word for word in KIND_OF if not word.isascii() and word in name]
    return [*small, *inside]


def slugs(names: list[str]) -> dict[str, str]:
    """Names as a scenario may have them, each once: small Latin letters, figures and lines."""
    taken: dict[str, str] = {}
    for number, name in enumerate(names, start=1):
        plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:34]
        plain = plain if plain[:1].isalpha() else f"channel_{plain or number}"
        plain = RESERVED.get(plain, plain)
        while plain in taken.values():
            plain = f"{plain}_{number}"
        taken[name] = plain
    return taken


RESERVED = {
    "total": "total_media", "direct": "direct_media", "friends": "friends_media",
    "search": "paid_search",
}  # fmt: skip
"""Names that a scenario or a history uses for something of its own, and others for them."""
