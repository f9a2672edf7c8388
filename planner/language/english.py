"""Names in an English stretch: after and before the cue, behind prepositions."""

from __future__ import annotations

from planner.language.chunks import Chunk, Names, clean, is_place, listing, phrase
from planner.language.normalise.text import pattern

ITEM = r"\b(?:table|tables|file|files|folder|folders|mailbox|mail|mails|collection|schema|row|rows|record|records|column|directory|config|document|documents|spreadsheet|key|bucket|partition|photos?|index|namespace|dashboard)\b|\.\w{2,5}$"
NOT_NAME = r"^(?:backup|backups|copy|copies|snapshot|snapshots|all|everything|data|job|jobs|policy|schedule|restore|plan|one|list|me|us|state|version|versions|run|runs|report|full|incremental|differential|test|drill|rehearsal|disaster|recovery|failover|integrity|checksums?|old|new|latest|last|previous|good|working|help|way|need|thing|things|stuff|lot|bit|recovery point|points|error|issue|problem|question|time|times|hours?|business|week|month|year|night|i|we|so|hi|hello|hey|please|pls|thanks|can|could|would|should|ok|also|just|now|yes|no|not|what|when|why|which|who|how|where|did|does|do|is|are|was|were|has|have|any|anything|and|then|size|status|history|everyone|somebody|someone|nothing|progress|coverage|next|make|sure|want|like|there|here|regular|weekly|daily|nightly|monthly|hourly|automatic|automatically|production|repository|repo)$"


def find(text: str, action: str, cue: tuple[int, int]) -> Names:
    """Names of one stretch; words of value marks are blanked with NUL."""
    names = Names()
    places(text, action, names)
    masked = list(text)
    for chunk in [
        *names.destinations,
        *names.exclude,
        *([names.to] if names.to else []),
        *([names.source] if names.source else []),
    ]:
        masked[chunk.start : chunk.end] = "\0" * (chunk.end - chunk.start)
    plain = "".join(masked)
    targets(plain, action, cue, names)
    return names


def places(text: str, action: str, names: Names) -> None:
    """Destinations, source, `to`, and what is left out."""
    _left_out(text, action, names)
    _from(text, action, names)
    if action in {"restore", "recover", "drill"}:
        _restored_to(text, names)
    elif action in {"protect", "backup", "replicate", "optimize"}:
        _saved_to(text, names)


def _left_out(text: str, action: str, names: Names) -> None:
    for m in pattern(
        r"\b(?:except(?: for)?|excluding|exclude|without|leav(?:e|ing) out|skip(?:ping)?|omit(?:ting)?|ignor(?:e|ing)|minus|but not)\b "
    ).finditer(text):
        if action not in {"pause", "unprotect"} and not names.exclude:
            names.exclude += listing(text, m.end())


def _from(text: str, action: str, names: Names) -> None:
    for m in pattern(r"\bfrom (?!now\b|scratch\b|being\b|the (?:last|latest)\b|last\b|before\b)").finditer(text):
        found = phrase(text, m.end())
        if not found:
            continue
        words = text[found[0] : found[1]]
        if action == "replicate" or (is_place(words) and action in {"restore", "recover", "drill", "verify", "status"}):
            names.source = names.source or Chunk(*found, words)
        elif action in {"restore", "recover", "drill"} and not names.targets:
            names.targets.append(Chunk(*found, words))


def _restored_to(text: str, names: Names) -> None:
    for m in pattern(
        r"\b(?:to|into|onto|on to|in to|as|in|on|at|under|over to) (?!be\b|get\b|the way\b|how\b|its? (?:state|original)\b|life\b|normal\b|work\b|see\b|check\b|make\b|prove\b|test\b|compare\b|before\b|what\b|when\b|where\b|restore\b|production\b(?= (?:order|plan))|place\b|full\b|order\b|case\b|time\b|soon\b|of\b|it\b|line\b|\0)"
    ).finditer(text):
        strong = m[0].startswith(("to", "into", "onto", "on to", "over to", "as"))
        found = phrase(text, m.end(), limit=4)
        if not found or names.to:
            continue
        words = text[found[0] : found[1]]
        if (
            strong
            or words.startswith("/")
            or pattern(r"scratch|staging|sandbox|test|spare|tmp|temp|dev\b|standby|new ").search(words)
        ):
            names.to = Chunk(*found, words)


def _saved_to(text: str, names: Names) -> None:
    for m in pattern(
        r"\b(to|onto|into|on to|on|in|at|over to|towards?|across to|using) (?!be\b|back ?up\b|every\b|a daily\b|keep\b|the hour\b|make\b|run\b|protect\b|save\b|have\b|do\b|get\b|ensure\b|start\b|hourly\b|daily\b|weekly\b|nightly\b|\d|\0|order\b|case\b|time\b|place\b|top\b|so\b|add\b|avoid\b|prevent\b)"
    ).finditer(text):
        items = listing(text, m.end(), limit=4)
        if not items or names.destinations:
            continue
        strong = m[1] in {"to", "onto", "into", "on to", "over to", "across to"}
        if strong or is_place(items[0].text):
            names.destinations += items if strong else [c for c in items if is_place(c.text)]


def _good(chunk: Chunk) -> bool:
    name = clean(chunk.text)
    return bool(name) and not pattern(NOT_NAME).match(name) and not name.isdigit()


def targets(text: str, action: str, cue: tuple[int, int], names: Names) -> None:
    """What it is about: behind the cue, else in front of it, else at the start."""
    start, end = cue
    candidates: list[list[Chunk]] = []
    if end:
        behind = pattern(
            r"(?:\s+(?:backups?|copies|copy|snapshots?|dumps?|images?|job|jobs|polic(?:y|ies)|the|a|an|run|all|me|us|full|incremental|data|restore|recovery|drill|test|rehearsal|status|integrity|checksums?|progress|repos?|size))*\s*(?:of|for|on|in|with)?\s+"
        ).match(text, end)
        candidates.append(listing(text, behind.end() if behind else end))
        candidates.append(listing(text, end))
        if before := _before(text, start):
            candidates.insert(0 if _passive(text, start, end) else len(candidates), before)
    candidates += [listing(text, m.end()) for m in pattern(r"\b(?:of|for|about|on) ").finditer(text)]
    candidates.append(listing(text, len(text) - len(text.lstrip(" \0"))))
    for found in candidates:
        good = [c for c in found if _good(c)]
        if good:
            names.pronoun = False
            _parts(text, good, action, names)
            return
        names.pronoun = names.pronoun or any(
            pattern(r"^(?:it|them|that|this|these|those|both)$").match(c.text.strip()) for c in found
        )
    if pattern(r"\b(?:it|them|both|that one|this one|the same)\b").search(text):
        names.pronoun = True
    everything = pattern(
        r"\b(?:everything|all (?:our |the )?(?:servers|systems|machines|hosts|data|datasets|backups))\b"
    ).search(text)
    if everything and not names.targets:
        names.targets.append(Chunk(*everything.span(), everything[0]))


def _passive(text: str, start: int, end: int) -> bool:
    return bool(
        pattern(
            r"(?:\b(?:be|is|are|was|get|gets|being|were|needs?|to be|been|must|should|shall|has|have|died|dead)\s*|\b(?:want|need|like|get|have)\b [^,;.]{1,40}\s)$"
        ).search(text[max(0, start - 50) : start])
    ) or text[start:end].endswith(("backed up",))


def _before(text: str, start: int) -> list[Chunk]:
    """The noun phrases that end just before the cue."""
    head = text[:start]
    cut = max((head.rfind(c) for c in ";.!?\0:"), default=-1)
    head_start = cut + 1
    piece = pattern(
        r"^(?:\s|,)*(?:(?:please|hi|hey|hello|so|ok|i|we|you|want|wants|need|needs|would|like|to|have|get|make|sure|certain|ensure|that|the|can|could|should|my|our|let|all|of|is|are|was|did|does|do|has|when|why|which|what|how|often|last|there|any|a|an|and|then|also|will|whether|if|see|tell|me|must|today'?s|tonight'?s|currently|still)\b\s*)*"
    ).match(text[head_start:start])
    begin = head_start + (piece.end() if piece else 0)
    return [c for c in listing(text[:start].ljust(len(text)), begin) if c.end <= start]


def _parts(text: str, good: list[Chunk], action: str, names: Names) -> None:
    """A list behind the cue: targets, or parts of a target that "from", "of" or "in" names."""
    last = good[-1]
    link = (
        pattern(r"\s*(?:of|from|in|on|inside|within|out of|off) ").match(text, last.end)
        if action in {"restore", "drill", "verify"}
        else None
    )
    if link:
        whole = listing(text, link.end(), limit=3)
        whole = [c for c in whole if _good(c)]
        if whole and not pattern(ITEM).search(clean(whole[0].text)):
            names.items = good
            names.targets = whole
            return
    if names.targets and action in {"restore", "recover", "drill"} and names.targets[0].start != good[0].start:
        names.items = good
        return
    names.targets = good
