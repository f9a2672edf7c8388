"""Words that tell which action is meant. A later reader replaces these tables by an encoder; the labels stay.

Each row: action, words. `\\b` stands only around Latin words. Text is folded: lower case, half-width, simplified characters.
"""

from __future__ import annotations

BACKUP_EN = (
    r"back(?:ed|ing|s)?[- ]?(?:it |them |this |that |these |those |everything |all )?up(?!s)|bak(?:c)?k? ?up|bkp|bckup|bakup|backp|(?:take|make|do|run|create|grab|get|want|need|have)(?: me)? (?:an? )?(?:\w+ ){0,2}(?:backups?|snapshots?|copy|dump|image|snap)(?! (?:job|polic))"
    r"|snapshot|snap|dump(?:ed|ing)?|archiv(?:e|ed|ing)|image(?:d)?|clone|copy|copied|save(?:d)?|saving|protect(?:ed|ion|ing)?|preserv(?:e|ed)|stor(?:e|ed)|captur(?:e|ed)|export(?:ed)?|burn|secure(?:d)?|backups? of|copies of|backups?|bu"
)
BACKUP_ZH = r"备份|备分|被份|倍份|备一份|备一次|备一下|备个份|备到|备(?!注|件|用|案|库|机|忘|战|课|考)|快照|归档|打包|拷贝?|留底|存一份|做个镜像|导出|封存|保护|转储|留一份|镜像"
STANDING = (
    r"\b(?:always|regular(?:ly)?|automatic(?:ally)?|auto|set ?up|start (?:backing|protecting)|begin (?:backing|protecting)|policy|polic(?:y|ies)|schedule[ds]?|scheduling|routine(?:ly)?|from now on|ensure|make sure|make certain|needs? (?:protect\w*|to be (?:protected|backed up)|backup)|must be|should be|is to be|are to be|has to be|have to be|shall be|wants? to be|going forward|permanent(?:ly)?|standing|add .{1,40} to (?:the |our )?(?:backup|plan|job|schedule|set)|include|exclude|onboard|enrol+|put .{1,40} (?:on|under) )\b"
    r"|定时|定期|自动|一直|始终|开始备份|加入|纳入|加进|策略|计划|必须|务必|应当?|都要|要有|长期|常态|起备"
)
CHANGE = (
    r"\b(?:change|move|extend|switch|raise|lower|increase|decrease|reduce|bump|shift|set|reschedule|shorten|lengthen|adjust|make (?:it|that|them)|cap|limit|throttle|cut|drop|update|go from|turn .{1,20} into|tighten|relax|apply|enable|avoid|exclude|leave out|skip|reassign|put)\b"
    r"|改[成为到]?|调[整到成]|换成|延长|缩短|挪到|提高|降[到低]|增加到|加到|限制|限速|避开|排除|推迟|提前"
)
NOW_ONLY = r"\b(?:now|right now|right away|immediately|asap|at once|one[- ]?off|once|one[- ]time|ad[- ]hoc|before (?:i|we|the|my|our|you|he|she|they)\b|this instant|manual(?:ly)?|just this once|quick)\b|现在|马上|立刻|立即|手动|手工|临时|一次性|赶紧|先备|先做|先给|之前先|补一次|补备"

DIAGNOSE = (
    r"\b(?:why|how come|what(?:'s| is)? (?:went |going |gone )?wrong|what (?:happened|broke|caused|does (?:this|that|it|the) .{0,30}mean)|whats? (?:wrong|up with)|wtf|error(?: code)?s?(?!s? (?:only|if))|failed|fails|failing|failure|fatal|exception|traceback|permission denied|connection (?:refused|reset|timed out)|no space left|timed? ?out|unable to|could ?n[o']t|can(?:no|')t (?:open|find|connect|read|access|reach|mount|figure)|cannot (?:open|find|connect|read)|refused|denied|corrupt(?:ed)? (?:pack|index|chunk)|exit (?:code|status)|segfault\w*|crash(?:es|ing)|hangs?|hung|stuck|freez(?:es|ing)|keeps? (?:failing|dying|crashing|stopping)|stopped (?:working|running)|not working|does ?n[o']t (?:work|run|start|finish)|did ?n[o']t (?:run|work|start|finish)|won'?t (?:start|open|run|work|finish|mount|boot)|so slow|slower|taking (?:so long|forever|ages)|problem|troubleshoot|debug|diagnose|investigate|root cause|broken|reason|any ideas?|any clue|weird|strange|odd|missing (?:pack|chunk|blob|index)|stale|warning)\b|\berr(?:no)?\b|\[?\berror\b"
    r"|为什么|为啥|为何|怎么回事|咋回事|什么原因|啥原因|报错|失败了|出错|异常|错误|原因|咋整|怎么办|咋办|问题出在|卡住|卡在|打不开|连不上|跑不了|跑不动|不执行|没执行|没跑|挂了(?!.*(?:恢复|拉起|切))|不对劲|排查|怎么老|老是|总是失败|又失败|变慢|太慢|很慢|被拒|拒绝访问|超时"
)
LOGGISH = r"(?:^|\s)(?:fatal|error|warn(?:ing)?|err|panic|exception|critical)\s*[:\]]|\bcode[ =:]*\d+|\b0x[0-9a-f]{4,}|\berrno\b|exit (?:code|status) ?\d|\bE\d{3,}\b|traceback|ora-\d+|\berror \d+|\w+error:|\[\w*err\w*\]|: no such|\bpermission denied\b|connection refused|\bno space left\b|input/output error|stat: |dial tcp"
EXPLAIN = (
    r"\b(?:what(?:'s|s| is| are) (?:an? |the (?:difference|point|purpose|meaning|idea|use|best practice|downside|advantage)|meant by|better|point in time|incremental|differential|deduplication|rpo|rto|gfs|immutab|worm|3-2-1|object lock|restic|bare metal|cold storage|air ?gap)|difference between|differences?|differ|explain|define|definition of|meaning of|what does .{1,40} (?:mean|stand for)|how (?:does|do|is|are|would) (?:an? |the )?[\w -]{1,40} (?:work|differ|calculated|different|stored|encrypted)|pros and cons|advantages?|downsides?|versus|vs\.?|is it (?:true|safe|better|ok|okay|possible|worth|bad|normal|wise|enough)|in (?:plain|simple) (?:words|english|terms)|rule of thumb|best practice|tell me about|understand|concept|eli5|how often (?:should|do people)|good practice|recommended practice|does .{1,40} (?:replace|count|protect against|help against|matter))\b"
    r"|什么是|是什么意思|什么意思|啥意思|啥是|是啥(?!时候)|区别|差别|不同|差在哪|解释|是一回事|优缺点|原理|概念|科普|讲讲|怎么理解|算不算|什么叫|有何不同|是什么(?:东西|概念)?$|怎么算|有什么用|干嘛用|好处"
)
OPTIMIZE = (
    r"\b(?:what if|what happens (?:to the .{1,20} )?if|cheap(?:est|er)|cost[- ]effective|economical|(?:how much|what) (?:would|will|does|do|might) .{1,60}cost|would .{1,60} cost|cost (?:if|of keeping|estimate)|optimi[sz]e|optimal|forecast|capacity|when will .{1,40} (?:be full|fill|run out|overflow)|run out of space|how (?:can|could|do) (?:i|we) (?:save|reduce|cut|lower)|save (?:money|space)|reduce (?:the )?(?:cost|costs|bill|storage)|suppose|if we (?:went|moved|switched|kept|doubled|dropped)|recommend|suggest|propose|advise|best schedule|safest|trade-?off|what-if|simulate .{1,30}schedule|budget planning|price|right-?size|how (?:much|many) (?:space|storage|gb|tb|disk|gigabytes).{0,40} (?:would|will|need|if)|projection|projected|spread the load|less often)\b"
    r"|最便宜|最省|最划算|更划算|便宜|省钱|省多少|成本|多少钱|费用|如果|假如|假设|要是.*会|会不会满|什么时候(?:会)?满|几时满|多久满|撑多久|撑到|容量规划|预测|优化|怎么安排|怎么排|建议|够不够|够用|最合理|最优|算算账|试算|估算|估一下|最稳"
)
STATUS = (
    r"^(?:so |and |hey |hi |ok |please |pls )*(?:did|when(?:'s| is| was| did| does| will)|how (?:big|large|many|much|long|old|far|often|recent|fresh|is|are|did|do)|which|what(?:'s| is| are| was| did|s)?|is|are|was|were|has|have|do|does|who|where|any|anything|list|show|tell me (?:when|what|which|whether|if|how)|display|report|status|state|print|give me (?:a list|the (?:status|list|size))|can you (?:tell|show|list)|enumerate|summari[sz]e|overview)\b"
    r"|\b(?:status|last backup|next run|last run|how long (?:would|will|does|do|until|till)|how many|how big|how much space|how old|up to date|is .{1,40} (?:backed up|protected|running|done|finished|covered|scheduled)|are .{1,40} (?:backed up|protected|running|covered)|show me|list (?:all|the|my|our)|overdue|sla|compliance|coverage|progress)\b"
    r"|吗$|吗\?|成功没有?|了没有|没有\?|哪天|有谁|都有谁|还剩|多少分|汇总|清单|合规率|多久|多大|什么时候|啥时候|几点|哪些|哪个|哪天|有没有|多少|状态|进度|列出|列一下|查看|看看|看一下|查一下|是否|几份|几个|怎么样了|了没|没有\?|没$|跑到哪|下次|上次"
)
DRILL = (
    r"\b(?:drill(?:s|ed|ing)?|rehears(?:e|al|als|ed|ing)|(?:test|trial|mock|practi[cs]e|dry)[- ]?(?:run[- ])?(?:a )?(?:restor\w*|recover\w*|failover)|(?:restor\w*|recover\w*|failover|dr|disaster) (?:test|exercise|rehearsal|drill|proof|simulation)s?|try (?:out )?(?:a )?restor\w*|prove (?:that )?.{0,40}(?:restor\w*|comes? back|recover\w*|works|it)|prov(?:e|en|ing) it|make sure (?:we|i|it|that|you) .{0,20}(?:can )?(?:be )?restor\w*|can (?:we|i|it|you) (?:actually |really )?(?:be )?(?:restor\w*|recover).{0,40}(?:prove|test|\?)|fire drill|game ?day|try restoring|test whether .{1,40} restor\w*|check (?:that|whether|if) .{1,40}(?:can be |is )?restor\w*|test that .{1,40} restor\w*|restorab\w+|see (?:whether|if) .{1,40}(?:restor\w*|comes? (?:back|up)))\b"
    r"|演练|演习|演炼|试恢复|试还原|试着恢复|试着还原|测试恢复|恢复测试|恢复验证|还原测试|模拟恢复|模拟还原|能不能恢复|能否恢复|恢复得[了起]|演一遍|可恢复性|彩排|排练"
)
DISASTER = (
    r"\b(?:disaster|ransom\w*|cryptolock\w*|crypto-?locked|is dead|are dead|dead|died|has died|destroyed|burn(?:t|ed)(?: down| out)?|flood(?:ed)?|fire|stolen|is gone|are gone|lost (?:the |our )?(?:server|site|host|datacent\w+|everything|both|all)|we(?:'ve)? lost|total loss|wiped out|bricked|toast|fried|hosed|won'?t boot|crashed|hacked|pwned|encrypted (?:all|every|our|the|by)|compromised|went down|is down|are down|down hard|smoke|unrecoverable|bare[- ]metal|fail(?:ed)?[- ]?over|disk(?:s)? (?:died|failed)|hardware fail\w*|head crash|raid (?:failed|is gone|collapsed)|melted|exploded|dropped dead|kaput|under water|outage)\b"
    r"|勒索|中毒|瘫痪|宕机|宕了|报废|挂了|坏了|起不来|炸了|进水|着火|失火|火灾|被黑|全没了|没了|被偷|烧了|崩溃|崩了|毁了|灾难恢复|灾备切换|容灾切换|切换?到灾备|主板|开不了机|加密了|被加密|整机|全军覆没|蓝屏|死机|断电"
)
RECOVER = (
    r"\b(?:fail(?:ing)? ?over (?:to|now|the|our|all|everything|us|from|please)|^ ?fail ?over\b|bare[- ]metal (?:restore|recovery|rebuild)|disaster recovery (?:of|for|now|plan)|start (?:the )?disaster recovery|declar\w+ .{0,20}disaster|bring .{1,40} back to life|full (?:machine|system|server|site) recovery|recover the (?:entire|whole)|rebuild .{1,30} from (?:backup|scratch|the)|restore the (?:entire|whole) (?:server|machine|site|host|cluster|box)|total loss)\b"
    r"|灾备切换|容灾切换|灾难恢复(?!演练|和|与|计划)|切换?到(?:灾备|容灾|备用|同城)|整机恢复|整台恢复|整套恢复|裸机恢复|(?:中了?|遭)勒索|全部?拉起|重新拉起|业务.{0,8}(?:拉起|恢复)"
)
RESTORE = (
    r"\b(?:restor(?:e|es|ed|ing|ation)|retore|restor|resotre|recover(?:y|ed|ing)?|get .{0,60}back|bring .{0,60}back|put .{0,60}back|roll(?:ed)? ?.{0,40}back|rollback|retrieve|revert|undelete|undo|pull .{1,60}(?:from|out of) (?:the )?(?:backup|snapshot)|pull|fetch|reinstate|go back to|return|give me (?:back )?|want .{1,40}back|need .{1,60}back|load|rewind|extract|rescue|dig out|resurrect|recreate|rebuild|reload|rehydrate|bring up|stand up|get back|gimme|pitr|reset .{1,30} to)\b"
    r"|恢复|还原|恢付|还园|回滚|找回|捞|取回|倒回|退回|回退|回到|救回|救一下|拉起|拉回|拿回|弄回|调出|要回|导回|重建|切到|切换|救命|复原|回复到"
)
VERIFY = (
    r"\b(?:verify|verif(?:y|ies|ied|ication)|check(?:ing|ed)? (?:the |our |my |all |that )?.{0,40}(?:repo(?:sitory|s)?|integrity|checksums?|snapshots?|backups?|corrupt\w*|intact|damage\w*|data|readable|consisten\w*|sound|vault|tapes?|copies)|integrity|checksums?|scrub|fsck|validate|bit ?rot|corruption|hash(?:-check|es)?|sanity check|read[- ]data|consistency check|repo check|restic check|check)\b"
    r"|校验|验证|较验|效验|检查|抽查|核对|完整性|一致性|坏块|核验|比对|哈希|检查仓库|验一"
)
FORGET = (
    r"\b(?:delete|remove|purge|prune|forget|wipe|erase|drop|get rid of|destroy|throw (?:away|out)|discard|expire|clean ?(?:up|out)|clear (?:out)?|trim|thin(?: out)?|shred|nuke|toss|dispose of|bin|rm|delet|eliminate|gc)\b"
    r"|删除?|清理|清掉|清空|清除|修剪|抹掉|销毁|扔掉|砍掉|清一清|清退"
)
UNPROTECT = (
    r"\b(?:unprotect|stop (?:backing|protecting|saving|imaging|dumping|archiving|snapshotting)|stop .{1,40} (?:from being backed up|backups? for good)|no longer (?:back|protect|need)|(?:doesn'?t|don'?t|do not|does not|needn'?t) need .{0,30}(?:back(?:ed|ing)? ?up|backups?|protect\w*)|needs? no (?:more )?backups?|(?:take|remove|drop|pull|strike|delete) .{1,50} (?:off|from|out of) (?:the |our |all )?(?:backup|schedule|plan|policy|policies|protection|rotation|job)|decommission|discontinue|retire|end (?:the )?protection|cancel .{1,30}(?:schedule|backup|job|policy)|delist|quit backing|(?:remove|delete|drop|cancel) (?:the )?(?:\w+ ){0,3}(?:policy|schedule|job)|without backup)\b"
    r"|不用再?备|不需要再?备|不再备|别再备|不再需要|不备了|取消备份|取消.*策略|撤掉|撤销|移出|移除.*(?:计划|策略|备份)|从备份.{0,6}(?:拿掉|去掉|摘|移)|停止保护|不再保护|取消保护|下线.*备份|退出备份|停掉不|作废"
)
PAUSE = (
    r"\b(?:pause|pauze|hold(?: off)?|suspend|freeze|halt|put .{1,40} on (?:hold|ice)|skip|snooze|postpone|mute|no backups? (?:of .{1,30} )?(?:until|till|this|today|tonight|tomorrow|for|during)|(?:temporarily )?(?:disable|stop|switch off|turn off)|don'?t (?:run|back ?up|start)|do not (?:run|back ?up|start)|give .{1,30} a rest|stop)\b"
    r"|暂停|挂起|停掉?|冻结|先别|别跑|别备|不要备|不要跑|歇|暂缓|停一停|hold住|先停"
)
RESUME = (
    r"\b(?:resume|un-?pause|reactivate|re-?enable|unfreeze|carry on|continue|(?:turn|switch) .{0,40}(?:back on|on again)|restart|start .{1,40} again|back on|pick up (?:again|where)|un-?suspend|release|get .{1,40} going again|lift the (?:hold|pause|suspension)|take .{1,30} off hold|wake up|let .{1,40} run again)\b"
    r"|继续|恢复(?:运行|备份任务|备份计划|执行|调度|定时)|解除暂停|取消暂停|解冻|重新启用|重新开启|重新开始|接着跑|接着备|开回来|启用"
)
REPLICATE = (
    r"\b(?:replicat\w*|mirror(?:ed)?|duplicate|sync(?:hroni[sz]e)?|ship .{1,50}(?:to|over)|(?:copy|push|send|forward|relay|transfer|move|cp|clone|copied|sent) (?:\w+ ){0,6}(?:snapshots?|backups?|copies|repo(?:sitory)?|dumps)(?: \w+){0,6} (?:to|over|onto|on to|into|across|off-?site)|second (?:hop|copy)|copy (?:the |all |our )?(?:snapshots|backups))\b"
    r"|复制|同步|转存|镜像到|再传|转抄|汇聚|把.{0,12}(?:快照|备份|副本).{0,12}(?:拷|传|推|搬|送|复制)"
)
SETTING = (
    r"\b(?:protect(?:ed|ion)?|encrypt(?:ed)?|ensure|schedule|start protecting|set (?:up|the|retention|rpo|rto)|retain|retention|rpo|change|move|extend|switch|raise|lower|increase|decrease|reduce|bump|shift|reschedule|shorten|lengthen|adjust|cap|limit|throttle|tighten|apply|enable|exclude|lock|keep|hold|put .{1,40} on (?:the )?(?:gold|silver|bronze|platinum|3-2-1|gfs|worm))\b"
    r"|保护|保留|加密|改[成到为]|调[整到]|延长|缩短|挪到|限速|限制|排除|纳入|加入|锁定"
)
FOREIGN = (
    r"\b(?:pizza|weather|coffee|lunch|meeting|joke|poem|printer|vpn|wifi|wi-fi|holiday|vacation|password reset|translate|stock price|football|movie|song|recipe|taxi|flight|hotel|birthday|parking|invoice due|toilet|dancer|goalkeeper|skin|flu|oak|keyboard|merge request|git push|git pull|phone number|salary|excel formula|powerpoint|monitor flickers|headset|mouse|chair|license plate|restaurant|recipe)\b"
    r"|天气|披萨|订餐|外卖|会议室|翻译|笑话|机票|酒店|打印机|密码忘|请假|快递|键盘|电影|午饭|食堂|彩票|股票"
)
TOPICS: tuple[tuple[str, str], ...] = (
    (
        "restore_time",
        r"\bhow (?:long|many (?:hours|minutes)|quick\w*|fast|soon) (?:\w+ ){0,3}(?:restor\w*|recover\w*|to restore|to recover|to get .{1,40}back|bring)|\b(?:restore|recovery) (?:time|duration|speed)|恢复.{0,10}(?:要多久|多长时间|多久|几个小时|时间)|还原.{0,10}(?:多久|多长时间)",
    ),
    (
        "next_run",
        r"\bnext\b|\bwhen (?:will|does|is) .{1,60}(?:run|start|kick off|due|be backed up|scheduled)|\bupcoming\b|下次|下一次|什么时候(?:再|开始)?(?:跑|备)|下回",
    ),
    (
        "progress",
        r"\bprogress\b|\b(?:still|currently|right now|now) (?:running|going|active|backing)|\brunning\b|\bhow far\b|\beta\b|\bdone yet\b|\bfinished yet\b|\bin progress\b|进度|跑到哪|正在|跑完了?没|完了没|还在跑|跑完了吗|备完了[吗没]|跑到",
    ),
    (
        "failures",
        r"\bfail\w*|\berrors?\b|\bunsuccessful\b|\bmissed\b|\bproblems?\b|\bbroke\w*|\bwent wrong\b|\bred\b|失败|出错|报错|异常|没成功|没跑",
    ),
    (
        "size",
        r"\bhow (?:big|large|much (?:space|data|storage|room|disk))|\bsize\b|\bspace\b|\bgigabytes\b|\bhow many (?:gb|tb|files|gigabytes|bytes)|\b(?:gb|tb)\b|\bstorage used\b|\bdisk usage\b|\bgrow\w*|多大|占了?多少|空间|大小|容量|体积|多少(?:g|t|gb|tb|空间)",
    ),
    (
        "coverage",
        r"\b(?:not|isn'?t|aren'?t|never|un)[- ]?(?:being )?(?:backed up|protected|covered)|\bcover(?:ed|age)\b|\bunprotected\b|\bis (?!the|it)\w[\w .-]* (?:backed up|protected)\b|\bare (?!the backups)\w[\w .-]* (?:backed up|protected|included)\b|\bwhich .{1,40}(?:backed up|protected|no backup)|没备|没有备份|未备份|没被备|漏备|有没有备份|在备份|都备了|有备份吗|被备份",
    ),
    (
        "compliance",
        r"\bsla\b|\brpo\b|\brto\b|\bcomplian\w*|\bmeet(?:ing|s)?\b|\bwithin (?:the |our )?(?:rpo|rto|sla|objective)|\boverdue\b|\bhonou?r\w*|\bkeep(?:ing)? (?:the|our) promise|达标|合规|满足|超过 ?rpo|符合",
    ),
    ("cost", r"\bcosts?\b|\bbill\b|\bspend\w*|\bpay(?:ing)?\b|\bexpens\w*|\bprice\b|花了?多少钱|费用|多少钱|账单"),
    (
        "schedule",
        r"\bschedule[ds]?\b|\bhow (?:often|frequently)|\bhow long (?:do|are|is) .{1,40}(?:keep|kept|retain\w*|stor\w*)|\bretention\b|\bset ?up\b|\bpolic(?:y|ies)\b|\bwhat time\b|\bwhen (?:do|does|are) .{1,40}backups? (?:run|happen)|\bstill on\b|\bconfigured\b|多久备|几点备|多久一次|保留多久|留多久|什么策略|计划|备份频率|怎么备的|策略|几点(?:跑|备|做)",
    ),
    (
        "snapshots",
        r"\bsnapshots?\b|\bversions?\b|\brestore points?\b|\brecovery points?\b|\bhow (?:many|far back)|\bcopies\b|\blist\b|\bwhich backups?\b|快照|几份|哪些版本|多少份|哪些备份|版本|恢复点|还原点",
    ),
    (
        "last_backup",
        r"\blast\b|\blatest\b|\bmost recent\b|\bhow (?:old|recent|fresh)|\bdid .{1,60}(?:run|work|succeed|finish|complete|go|happen|back ?up|get backed up)|\bwhen (?:was|did|were|has)\b|\bwas .{1,60}(?:backed up|successful)|\bhas .{1,60}(?:been backed up|run|finished)|\bran\b|\bwent (?:ok|through|well)|\bsucceed\w*|\bsuccess\w*|\bup to date\b|\bold\b|上次|最近|最后一次|昨[天晚].{0,10}(?:成功|备|跑)|成功了?[吗没]|备好了[吗没]|备了[吗没]|跑了[吗没]|好了没",
    ),
)
