"""Words by which a request leans on the one before it: "same for …", "and …?", "no, I meant …", "make that …", "它", "也一样"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from planner.language.groups import listed
from planner.language.normalise.text import fold


class Lean(StrEnum):
    """How a request leans on the earlier one."""

    SAME = "same"  # the same, for other data
    ALSO = "also"  # "and the wiki?": the same, for other data
    MEANT = "meant"  # a correction
    CHANGE = "change"  # the same with another value
    POINTS = "points"  # "it", "them": about the same data


RESTS = re.compile(r"(?:rest|han)\d?")
PREPOSITION = re.compile(r"^(?:(?:in|on)?to|in|on|from|for)\s+(?:the |our |my )?|^(?:存?放?到|存在)\s*")


@dataclass(frozen=True, slots=True)
class FollowUp:
    """`rest`: the words beside the cue (names of SAME, ALSO and MEANT, the value of CHANGE); `instead_of`: the word that a
    correction takes back; `all`: "them", "both", "都": every intent of the earlier request."""

    lean: Lean
    rest: str = ""
    instead_of: str = ""
    all: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The rest as names, without a preposition before them."""
        return listed(PREPOSITION.sub("", self.rest))


_HEAD = r"(?:(?:ok(?:ay)?|and|oh|hm+|well|please|then|also|but|now|so)[,.! ]+)*"
_HEAD_ZH = r"(?:(?:好的?|嗯|那么?|然后|另外|请|麻烦)[,, ]*)*"
_TAIL = r"(?:[,]? (?:please|too|as well|then|thanks|instead|rather))*\s*[?.!。!?]*"
_IT = r"(?:that|it|this|them|those|these|both|all of them|they)"
SAME = re.compile(
    rf"{_HEAD}(?:(?:do|use|make it|apply|set up) )?(?:the )?(?:same|likewise|ditto|identical)(?: (?:thing|again|schedule|settings?|policy|plan|goes|please))*,?"
    rf"(?: (?:for|with|to|on|goes for|applies to))? (?:the |our |my )?(?P<rest>.+?){_TAIL}"
    rf"|{_HEAD}(?:the |our |my )?(?P<rest2>[\w./ -]+?),? (?:the same(?: way)?|likewise|ditto){_TAIL}"
    rf"|{_HEAD_ZH}(?P<han>.+?)\s*(?:也(?:要|是|得|都)?(?:一样|同样|这样|这么做|如此|照做|照办)|同样处理|同理|照此(?:办理)?|照做)(?:处理|做|办|设置)?[吧的。!?!?]*"
    rf"|{_HEAD_ZH}(?:对|给)?(?P<han2>.+?)\s*(?:做|用|按|采用)(?:同样|一样|相同)的?(?:设置|策略|安排|方式|操作|处理)?(?:处理)?[吧。!?!?]*"
)
ALSO = re.compile(
    rf"(?:and|also|what about|how about|and what about|and how about|and for|plus) (?:also )?(?:the |our |my |for (?:the )?)?(?P<rest>[\w./-]+(?: (?!(?:at|on|every|to|for|keep|daily|nightly|hourly|weekly|monthly|now)\b)[\w./-]+){{0,3}}?){_TAIL}"
    rf"|{_HEAD}(?:the |our |my )?(?P<rest2>[\w./-]+(?: [\w./-]+)?) (?:too|as well)(?: please)?[.!?]*"
    rf"|{_HEAD_ZH}(?P<han>[^,,。]{{1,16}}?)呢[??]?"
    rf"|(?:还有|以及|再加上|外加)(?P<han2>[^,,。]{{1,16}}?)[。!?!?]*"
)
MEANT = re.compile(
    rf"(?:(?:no|nope|nah|sorry|wait|oops|not that|wrong)[,.! ]+)+(?:(?:i|we) (?:meant?|said|want(?:ed)?) |(?:it'?s|make it|make that|use) |meant )?(?:the |our |my )?(?P<rest>.+?){_TAIL}"
    rf"|(?:i|we) (?:actually )?(?:meant|mean) (?:the |our |my )?(?P<rest2>.+?){_TAIL}"
    rf"|(?:not|i didn't mean) (?:the |our )?(?P<old>[\w./ -]+?)[,;]? (?:but|i meant?|rather) (?:the |our )?(?P<rest3>.+?){_TAIL}"
    rf"|(?:不对|不是|不|错了|搞错了|说错了|等等|等下)[,,。 ]+(?:我)?(?:说的?是|指的?是|是说|的意思是|要的是|应该是|想说的是|是)?(?P<han>.+?)[。!?!?]*"
    rf"|我(?:说的?是|指的?是|是说|的意思是|要的是|想说的是)(?P<han2>.+?)[。!?!?]*"
    rf"|(?:我说的)?不是(?P<hanold>.+?)[,,]?\s*(?:而?是)(?P<han3>.+?)[。!?!?]*"
)
CHANGE = re.compile(
    rf"{_HEAD}(?:make|change|switch|move|set|turn|run|do|put|schedule) (?P<it>{_IT})(?: (?:to|into|be|run))? (?P<rest>.+?){_TAIL}"
    rf"|{_HEAD}(?P<kept>(?:keep|retain|hold|store)) (?P<it2>{_IT}) (?P<rest2>.+?){_TAIL}"
    rf"|{_HEAD}(?:actually|rather|better|instead|on second thoughts?|correction)[,: ]+(?P<rest3>.+?){_TAIL}"
    rf"|{_HEAD}(?P<rest4>.+?)[, ]+(?:instead|rather){_TAIL}"
    rf"|{_HEAD_ZH}(?:还是)?(?:把?(?P<hit>它们?|这个|那个|两个都|都|全都))?(?:还是)?(?:改为|改成|改到|改|换成|换到|换|调成|调整为|调到|变成|设为|设成)(?P<han>.+?)[吧。!?!?]*"
    rf"|{_HEAD_ZH}(?P<hankept>保留|留)(?P<han2>.+?)(?:吧|好了|就行|就好)[。!?!?]*"
    rf"|{_HEAD_ZH}(?:还是|其实|不如)(?P<han3>.+?)(?:吧|好了)?[。!?!?]*"
)
POINTS = re.compile(rf"\b{_IT}\b|它们?|这个|那个|这些|那些|两者|两个都")
MANY = re.compile(r"\b(?:them|those|these|both|all of them|they)\b|它们|这些|那些|两者|都")


def follow_up(text: str, *, named: bool) -> FollowUp | None:
    """How a request leans on an earlier one; None where it stands by itself. `named`: its reading names data of its own, so
    that "it" points inside the request."""
    text = " ".join(text.split())
    plain = fold(text)  # every character keeps its place, so that names keep their case
    many = bool(MANY.search(plain))
    for lean, expression in ((Lean.MEANT, MEANT), (Lean.SAME, SAME), (Lean.CHANGE, CHANGE), (Lean.ALSO, ALSO)):
        found = expression.fullmatch(plain)
        if not found:
            continue
        parts = {name: text[slice(*found.span(name))] for name, value in found.groupdict().items() if value}
        rest = next((words for name, words in parts.items() if RESTS.fullmatch(name)), "").strip(" ,")
        kept = "keep " if "kept" in parts else "保留" if "hankept" in parts else ""
        old = parts.get("old") or parts.get("hanold") or ""
        return FollowUp(lean, kept + rest, old.strip(" ,"), many)
    if not named and POINTS.search(plain):
        return FollowUp(Lean.POINTS, "", "", many)
    return None
