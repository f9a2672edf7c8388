"""One form of writing for matching: lower case, half-width, simplified characters, digits for numbers."""

from __future__ import annotations

import re
from functools import cache

TRADITIONAL = (
    "備备份份還还復复復复週周點点個个資资庫库檔档檢检驗验證证壞坏雙双異异機机雲云複复製制寫写讀读錄录傳传輸输誰谁開开關关啟启動动暫暂"
    "續续繼继們们這这幾几時时間间鐘钟號号後后兩两萬万億亿禮礼應应當当為为麼么樣样會会來来過过從从對对給给讓让說说請请問问題题錯错誤误"
    "報报發发簡简訊讯寄寄郵邮網网路路線线頻频寬宽預预費费價价錢钱塊块減减變变換换則则爾尔滾滚歸归釋释鎖锁鎮镇刪删清清銷销毀毁留留鏡镜"
    "夾夹櫃柜櫥橱頁页圖图館馆書书學学術术醫医藥药療疗財财務务稅税總总經经營营業业戶户單单據据賬账帳帐員员職职電电腦脑視视訂订購购貨货車车"
    "運运費费聯联絡络絕绝結结約约級级組组織织終终絲丝細细紀纪紙纸統统計计認认識识詞词試试誌志語语調调論论該该談谈謝谢譯译護护豐丰貝贝負负"
    "責责買买賣卖質质趕赶跡迹蹤踪軟软較较載载輕轻轉转辦办農农連连進进遠远適适選选遲迟邊边銀银鋒锋鏈链錶表長长門门閉闭閒闲陣阵陳陈陸陆險险隨随"
    "隻只離离難难雜杂靈灵靜静頂顶項项順顺須须頓顿領领頭头顯显類类風风飛飞餘余駐驻驅驱體体魚鱼鳥鸟麗丽黃黄齊齐龍龙執执掃扫擊击擋挡據据擇择擔担"
    "攝摄攤摊敗败數数斷断無无舊旧嚴严優优億亿儲储儘尽兒儿內内兇凶冊册凍冻劃划劇剧勞劳勝胜區区協协參参吳吴員员國国園园圍围團团場场壓压夢梦奪夺"
    "將将專专尋寻導导屬属島岛幣币師师幫帮廠厂廣广廢废廳厅彈弹彙汇徑径從从態态慘惨慣惯憶忆懷怀懶懒戰战戲戏拋抛挾挟捨舍掛挂採采揮挥損损搖摇搶抢"
    "擴扩攔拦敵敌於于昇升晝昼曆历歷历條条棄弃極极構构標标檯台欄栏權权殘残殺杀氣气決决沒没況况洩泄測测準准溫温滅灭滿满漏漏潰溃災灾炸炸煙烟熱热燒烧"
    "獨独獲获現现環环產产畫画療疗瞭了確确碼码礎础稱称穩稳競竞筆笔範范糾纠純纯紅红級级紹绍給给綁绑維维網网線线練练縮缩績绩繞绕罰罚聽听肅肃脫脱"
    "臨临舉举艦舰莊庄處处號号術术衛卫衝冲裝装補补覆覆觀观規规覽览觸触訪访設设許许評评詢询詳详誠诚課课諾诺謊谎豬猪貫贯貼贴賠赔贊赞蹟迹躍跃較较"
    "輯辑輸输轟轰辭辞遊游達达違违遞递郵邮鄉乡釘钉針针鈕钮鋼钢錢钱鍵键鑰钥閱阅闆板隊队階阶際际隱隐雖虽雙双電电韓韩響响頒颁頗颇額额願愿顧顾飯饭館馆驚惊"
    "臺台眾众麽么羣群着着裏里裡里甚甚併并佈布僅仅傷伤傾倾別别刪删創创劑剂勁劲務务匯汇卻却厲厉"
    "倫伦紐纽東东灣湾歐欧羅罗蘭兰濱滨漢汉慶庆節节畢毕齡龄績绩鄰邻隊队響响嚇吓夠够奧奥婦妇媽妈孫孙宮宫寧宁實实審审屜屉層层岡冈嶺岭帳帐幹干彎弯後后惡恶惱恼慮虑懸悬戶户擬拟擠挤攪搅敘叙"
    "斬斩暈晕書书會会枴拐桿杆槍枪樓楼樣样橋桥檻槛歲岁殼壳漲涨潔洁潤润濕湿災灾無无牆墙犧牺狀状獎奖療疗皺皱盜盗盤盘睏困矯矫硃朱禮礼稅税窮穷竊窃籃篮粵粤糧粮紛纷純纯級级紡纺納纳終终細细統统經经綠绿緊紧緒绪緩缓編编締缔練练縮缩總总繪绘"
    "續续纜缆罵骂羨羡聖圣聞闻聲声職职肅肃脈脉臺台舖铺藍蓝蘇苏蟲虫術术袞衮覺觉觸触訊讯託托診诊詐诈試试詩诗話话誰谁請请諸诸講讲證证識识譜谱讀读豎竖貴贵貸贷賞赏賴赖軌轨輛辆輪轮辦办遺遗鄭郑銘铭銷销鍛锻鐵铁鑒鉴閃闪間间隸隶雙双雞鸡電电靈灵頁页預预頻频題题顆颗饋馈駕驾騎骑驟骤髒脏鬆松鬧闹鮮鲜鴻鸿鹽盐點点鼠鼠"
)
PUNCTUATION = {
    "，": ",", "。": ".", "；": ";", "：": ":", "！": "!", "？": "?", "（": "(", "）": ")", "、": ",", "“": '"', "”": '"', "‘": "'", "’": "'",
    "【": "[", "】": "]", "《": '"', "》": '"', "「": '"', "」": '"', "　": " ", "～": "~", "－": "-", "–": "-", "—": "-", "−": "-", "\u00a0": " ",
}  # fmt: skip


@cache
def _table() -> dict[int, str]:
    table = {TRADITIONAL[i]: TRADITIONAL[i + 1] for i in range(0, len(TRADITIONAL) - 1, 2)}
    table |= PUNCTUATION
    table |= {chr(code): chr(code - 0xFEE0).lower() for code in range(0xFF10, 0xFF5B) if chr(code) not in PUNCTUATION}
    return {ord(key): value for key, value in table.items()}


def fold(text: str) -> str:
    """The text for matching; every character keeps its place."""
    folded = text.translate(_table())
    lowered = folded.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in folded)  # 'İ'.lower() is two characters


def apart(text: str) -> str:
    """Folded text with a space between Latin letters and Han characters, so that words of both have their ends."""
    return pattern(r"(?<=[a-z])(?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff])(?=[a-z#@])").sub(" ", text)


@cache
def pattern(expression: str) -> re.Pattern[str]:
    """Compiled on first use, so that importing stays light."""
    return re.compile(expression)


def is_chinese(text: str) -> bool:
    """Whether enough of the letters are Han characters that an answer should be Chinese."""
    han = sum("\u4e00" <= c <= "\u9fff" for c in text)
    words = len(pattern(r"[A-Za-z][\w./:@*-]+").findall(text))  # a path or an address is one word
    return han > 0 and han >= words
