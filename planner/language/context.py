"""What the words around a moment say of it: when data was lost (the state before it is wanted), or which state is wanted."""

from __future__ import annotations

from planner.language.normalise.text import fold, pattern

LOSS = (
    r"\b(?:delet\w*|delt\w*|dropp\w*|drop of|overwr\w*|lost|los(?:e|ing)|wip(?:ed|ing)|truncat\w*|remov(?:ed|ing)|broke\w*|ruin\w*|mess\w*|corrupt\w*|clobber\w*|trash\w*|nuk\w*|botch\w*|screw\w*|empt(?:ied|ying)|eras\w*|encrypt(?:ed|s)"
    r"|hacked|swept|crash\w*|died|went (?:wrong|in|bad)|gone|purged|formatted|mkfs|zapped|rm(?:'d| -\w+)|unlinked|vanish\w*|disappear\w*|went missing|missing|killed|without (?:a )?where|undo|undone|rubbish|garbage|nonsense|doubled|fat.?finger\w*|cleaned (?:up|out)|ate|hit by|have been hit|hit us|was hit|failed over|reject\w*|fails?|failing|bad|pushed|back(?:ed)? out|(?<=\w )reset (?:the|all|my|our))\b"
    r"|误|删|丢|覆盖|弄坏|清空|改坏|搞坏|改错|跑错|没了|不见|中毒|中勒索|加密了|被黑|坏了|搞没|弄没|清了|刷错|误操作|回滚不|百屏|白屏|断电|宕机|崩了|崩溃|起火|进水|掉电|不小心"
)
RESTORE = (
    r"\b(?:restor\w*|retore|rstore|recover\w*|bring|get|roll\w*|revert\w*|reload\w*|load|put|pull|fetch|grab|copy|rebuild|stand\w* (?:it|them)? ?up|give|want|need|take us back|back to|go back|the one|version)\b"
    r"|恢复|还原|回滚|找回|捞|倒回|倒到|退回|拉回|拉起|取回|拿|要|用|调取|导回|救回"
)
LED = r"(?:\b(?:it|they) (?:was|were)|\bfrm|\bform|\bas on|\b(?:was|were|looked|worked) (?:still |all |perfectly )?(?:fine|ok|okay|good|there|working|alright|right)(?: on| at)?|\bworked|\bfrom|\bas of|\bas at|\bto|\bof|\bwith|\bin|\buse|\btake|\bwant|\bneed|\bhad at|\bwere at|\bversion|\bthe|\bas|\bseen(?: on)?|\bdated)\s*$|(?:回到|退回|退回到|退到|恢复到|恢复至|还原到|还原至|还原成|倒回|倒到|回滚到|回滚至|切回|取|用|要|选|调|拿|成|到|至)\s*$"
FOLLOWED = r"^(?:(?:左右|前后|那会儿)?(?:保?存过)|'s\b|’s\b| ?(?:backup|copy|snapshot|state|version|image|dump)\b|\s*(?:的|那)?\s*(?:备份|版本|副本|快照|那份|那次|那版|那一|状态|样子|个样子|覆盖|全备|数据点|取|拉|拿|捞|恢复|还原)|\s*的?就行|\s*那会儿?|\s*(?:还在|还是好|还好|时还)|\s*(?:应该|还|都)?(?:是)?(?:正常|好的)|\s*was (?:still|fine|ok)|\s*it was (?:still|fine|ok)|\s*still (?:there|fine|ok))"
WANTED = r"^\W*(?:from|with|as of|as at|to|back to|until|the (?:state|version|backup|snapshot|copy|one)|回到|退回|恢复到)\b|(?:'s|的|那份|那版|那次|备份|副本|快照|版本|\b(?:copy|version|backup|snapshot|image|dump|state))\W*$|\bstill\b|\bwas (?:ok|fine|there)|\bseen\b|^\W*earlier\b|正常"
UNTIL_THEN = r"\b(?:to|to just|just|there|what was there|time|that|minute|as it was) before\b|\bbefore (?:that|it|then|this|date)\b|那之?以?前|之前的?(?:状态|样子|版本)?|此前|前一刻"

#: a sentence that goes on about what the one before it tells
REFERRED = r"^\W*(?:i|he|she|we|they|it|that|this) (?:did|happened|must have been)(?: (?:that|it|this))?(?: at| around| about)*\W*$"


def lost(text: str, parts: tuple[tuple[int, int], ...]) -> bool:
    """Whether a moment is told as the one at which data was lost or damaged."""
    folded = fold(text)
    start, end = parts[0]
    own = " ".join(folded[a:b] for a, b in parts)
    if pattern(LOSS).search(own):
        return not pattern(r"\b(?:not|before)\b").search(own)
    if pattern(r"\b(?:since)\b|以来").search(own) or pattern(r"\bsince (?:about |around )?$").search(folded[:start]):
        return True
    if pattern(r"\bbefore [^.;]{3,40}?,? ?(?:that'?s|that is|i\.?e\.?|which (?:was|is))\s*$").search(
        folded[max(0, start - 60) : start]
    ):
        return True
    if pattern(r"^\W*(?:right|just|shortly)? ?after\b").search(own):
        return _told(folded, start, end)
    if pattern(r"^[^.;!?]{0,50}\bto (?:just |right )?before (?:it|that|then)\b").search(folded[end:]):
        return True
    if (
        pattern(WANTED).search(own)
        or pattern(LED).search(folded[max(0, start - 14) : start])
        or pattern(FOLLOWED).match(folded[end:])
    ):
        return bool(pattern(r"\b(?:since|at|around)\s*$").search(folded[max(0, start - 8) : start])) and _told(
            folded, start, end
        )
    if pattern(rf"(?:{UNTIL_THEN})").search(folded[end:]):
        return True
    return _told(folded, start, end)


def _told(folded: str, start: int, end: int) -> bool:
    """A verb of loss in the same sentence, with no verb of restoring between it and the moment."""
    sentence = list(pattern(r"[.!?。！？](?=\s|$|[\u4e00-\u9fff])|[;；\n]").finditer(folded, 0, start))
    begin = sentence[-1].end() if sentence else 0
    lone = pattern(r"^\W*(?:about |around |roughly )?\W*$").match(folded[begin:start]) and pattern(
        r"^\W*(?:[.!?\n]|$)"
    ).match(folded[end:])
    if sentence and (lone or pattern(REFERRED).match(folded[begin:start])):
        begin = sentence[-2].end() if len(sentence) > 1 else 0  # "… emptied the bin. He did that at 15:05"
    before = folded[max(begin, start - 90) : start]
    hits = list(pattern(LOSS).finditer(before))
    if (
        hits
        and not pattern(RESTORE).search(before, hits[-1].end())
        and not pattern(r"\b(?:don'?t|do not|without|not)\s*$").search(before[: hits[-1].start()])
    ):
        return True
    after = pattern(r"[.;,!?。]").split(folded[end : end + 40])[0]
    hit = pattern(LOSS).search(after)
    return bool(hit) and not pattern(r"\b(?:don'?t|do not|dont|without|not|no)\b|别|不要|不").search(
        after[: hit.end() if hit else 0]
    )
