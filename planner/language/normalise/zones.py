"""Time zones that a text names: IANA names, abbreviations, offsets from UTC, and the clock of a city."""

from __future__ import annotations

from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from planner.language.normalise.text import pattern

CITIES = {
    "Europe": "amsterdam athens belgrade berlin brussels bucharest budapest copenhagen dublin helsinki istanbul kyiv lisbon ljubljana london madrid malta minsk monaco moscow oslo paris prague riga rome sofia stockholm tallinn vienna vilnius warsaw zagreb zurich",
    "America": "bogota caracas chicago denver detroit halifax lima los_angeles mexico_city montevideo new_york phoenix santiago sao_paulo toronto vancouver",
    "Asia": "baghdad bangkok dhaka dubai hong_kong jakarta jerusalem karachi kathmandu kolkata kuala_lumpur manila qatar riyadh seoul shanghai singapore taipei tehran tokyo",
    "Australia": "adelaide brisbane darwin melbourne perth sydney",
    "Africa": "accra cairo casablanca johannesburg lagos nairobi",
    "Pacific": "auckland honolulu",
}
#: other names of a zone
ALSO = {
    "beijing": "Asia/Shanghai", "china": "Asia/Shanghai", "mumbai": "Asia/Kolkata", "delhi": "Asia/Kolkata", "india": "Asia/Kolkata", "indian": "Asia/Kolkata", "munich": "Europe/Berlin", "frankfurt": "Europe/Berlin",
    "hamburg": "Europe/Berlin", "german": "Europe/Berlin", "geneva": "Europe/Zurich", "swiss": "Europe/Zurich", "milan": "Europe/Rome", "barcelona": "Europe/Madrid", "uk": "Europe/London", "tel aviv": "Asia/Jerusalem",
    "kiev": "Europe/Kyiv", "osaka": "Asia/Tokyo", "japan": "Asia/Tokyo", "boston": "America/New_York", "san francisco": "America/Los_Angeles", "seattle": "America/Los_Angeles", "houston": "America/Chicago", "dallas": "America/Chicago",
    "eastern": "America/New_York", "us eastern": "America/New_York", "central": "America/Chicago", "mountain": "America/Denver", "pacific": "America/Los_Angeles",
}  # fmt: skip
ABBREVIATIONS = {
    "utc": "UTC", "zulu": "UTC", "gmt": "GMT", "cet": "CET", "cest": "CET", "eet": "EET", "est": "EST", "edt": "America/New_York", "cdt": "America/Chicago", "mst": "MST", "mdt": "America/Denver", "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles", "jst": "Asia/Tokyo", "hkt": "Asia/Hong_Kong", "sgt": "Asia/Singapore", "aest": "Australia/Sydney", "msk": "Europe/Moscow",
}  # fmt: skip
HAN = {
    "北京": "Asia/Shanghai", "上海": "Asia/Shanghai", "中国": "Asia/Shanghai", "东京": "Asia/Tokyo", "日本": "Asia/Tokyo", "首尔": "Asia/Seoul", "韩国": "Asia/Seoul", "柏林": "Europe/Berlin", "德国": "Europe/Berlin", "伦敦": "Europe/London",
    "英国": "Europe/London", "巴黎": "Europe/Paris", "法国": "Europe/Paris", "莫斯科": "Europe/Moscow", "纽约": "America/New_York", "美东": "America/New_York", "美国东部": "America/New_York", "洛杉矶": "America/Los_Angeles", "旧金山": "America/Los_Angeles",
    "硅谷": "America/Los_Angeles", "美西": "America/Los_Angeles", "美国西部": "America/Los_Angeles", "芝加哥": "America/Chicago", "美中": "America/Chicago", "新加坡": "Asia/Singapore", "香港": "Asia/Hong_Kong", "台北": "Asia/Taipei", "台湾": "Asia/Taipei",
    "迪拜": "Asia/Dubai", "悉尼": "Australia/Sydney", "曼谷": "Asia/Bangkok", "印度": "Asia/Kolkata", "大阪": "Asia/Tokyo", "法兰克福": "Europe/Berlin", "慕尼黑": "Europe/Berlin", "汉堡": "Europe/Berlin", "马德里": "Europe/Madrid", "罗马": "Europe/Rome", "米兰": "Europe/Rome", "阿姆斯特丹": "Europe/Amsterdam", "苏黎世": "Europe/Zurich", "维也纳": "Europe/Vienna",
    "里斯本": "Europe/Lisbon", "都柏林": "Europe/Dublin", "雅典": "Europe/Athens", "华沙": "Europe/Warsaw", "布拉格": "Europe/Prague", "赫尔辛基": "Europe/Helsinki", "斯德哥尔摩": "Europe/Stockholm", "奥斯陆": "Europe/Oslo", "伊斯坦布尔": "Europe/Istanbul",
    "内罗毕": "Africa/Nairobi", "开罗": "Africa/Cairo", "拉各斯": "Africa/Lagos", "约翰内斯堡": "Africa/Johannesburg", "雅加达": "Asia/Jakarta", "吉隆坡": "Asia/Kuala_Lumpur", "马尼拉": "Asia/Manila", "孟买": "Asia/Kolkata", "新德里": "Asia/Kolkata", "利雅得": "Asia/Riyadh",
    "墨尔本": "Australia/Melbourne", "奥克兰": "Pacific/Auckland", "多伦多": "America/Toronto", "温哥华": "America/Vancouver", "圣保罗": "America/Sao_Paulo", "墨西哥城": "America/Mexico_City", "协调世界": "UTC", "世界": "UTC", "格林威治": "GMT", "格林尼治": "GMT",
}  # fmt: skip


@cache
def _cities() -> dict[str, str]:
    table = {
        name.replace("_", " "): f"{region}/{'_'.join(p.capitalize() for p in name.split('_'))}"
        for region, names in CITIES.items()
        for name in names.split()
    }
    return table | ALSO


@cache
def _city_words() -> str:
    return "|".join(sorted(_cities(), key=len, reverse=True))


def timezone(text: str, plain: str) -> tuple[str | None, str]:
    """The IANA zone (or UTC) that a text names, and its digits without the words that name it."""
    named = pattern(
        r"\b(?:Africa|America|Antarctica|Asia|Atlantic|Australia|Europe|Indian|Pacific|Etc)/[A-Z][\w+-]+(?:/\w+)?\b"
    ).search(text)
    if named:
        try:
            ZoneInfo(named[0])
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return None, plain
        return named[0], plain.replace(named[0].lower(), " ")
    offset = pattern(r"\b(?:utc|gmt) ?([+-]) ?(\d{1,2})(?::?00)?(?![\d:])").search(plain)
    if offset and 0 < int(offset[2]) <= 12:  # the sign of Etc zones counts westwards
        return f"Etc/GMT{'-' if offset[1] == '+' else '+'}{int(offset[2])}", plain.replace(offset[0], " ")
    short = pattern(rf"(?<![\w/])({'|'.join(ABBREVIATIONS)})\b(?: ?(?:time|时间))?").search(plain)
    if short:
        return ABBREVIATIONS[short[1]], plain.replace(short[0], " ")
    letter = pattern(r"(?<=\d\d)z\b").search(plain)
    if letter:
        return "UTC", plain[: letter.start()] + " " + plain[letter.end() :]
    us = pattern(r"\b([ECMP])[SD]?T\b").search(text)
    if us:
        zone = {"E": "New_York", "C": "Chicago", "M": "Denver", "P": "Los_Angeles"}[us[1]]
        return f"America/{zone}", plain.replace(us[0].lower(), " ", 1)
    city = pattern(
        rf"\b(?:local )?({_city_words()})(?:'s)?(?: (?:local |wall |daylight |standard )*(?:time\b(?: ?zone)?|clock\b)|(?=\W*$)|(?= \())"
    ).search(plain)
    if city and (pattern(r"time|clock|local").search(city[0]) or pattern(r"\d").search(plain)):
        return _cities()[city[1]], plain[: city.start()] + " " + plain[city.end() :]
    han = pattern(rf"({'|'.join(sorted(HAN, key=len, reverse=True))})(?:的|当地|本地)?时[间区]?(?!\d)").search(plain)
    if han:
        return HAN[han[1]], plain.replace(han[0], " ")
    return None, plain
