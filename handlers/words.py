"""Short answers: greeting, help, and what is said where there is nothing to do."""

from domain.cards import Text
from domain.errors import Refusal
from domain.intents.events import Hello, Renamed, Stranger, Unheard
from domain.intents.records import Command
from domain.intents.talk import HandOver, Unclear
from handlers.turn import Reply, Turn, say, tell

HELP = """你可以直接打字或发语音，不用填表：
· 到店：发一个位置，自动签到；走的时候再发一次就是签退
· 聊完：说一句，如“见了王经理，订50箱原味酸奶，下周三前给报价”
· 花钱：拍一张小票或发票，自动填报销
· 改错：说“改成60箱”，或点卡片上的修改
· 支招：说“他嫌贵怎么回”，给你三句能直接用的
· 对练：说“来一局”，我扮客户陪你练；说“今天练什么”看今天的十分钟
· 撤销：24 小时内说“撤销”
· 提醒：说“下午3点提醒我给王总回电话”
· 查询：说“我的一天”
· 找人：说“转人工”"""

CHITCHAT = "我在。拜访、样品、订单、报销都可以直接说给我听；说“帮助”看我会做什么。"
HOW_TO_CLAIM = "可以报销：直接拍一张小票或发票发给我；没有票据就说一句，比如“今天打车去永旺超市46块5”。"
STRANGER = "你好，我是小访。通讯录里还没有你，所以这条我没有记录。请让管理员把你加进来，之后再发一次就行。"
NOT_CLEAR = "这句我没听懂，所以没有记。可以这样说：拜访了哪家店、见了谁、订了多少箱；说“帮助”看全部。"
NOT_AN_ANSWER = "这句我没听懂。刚才问的是：{asked}不知道就说“跳过”，想找人就说“转人工”。"
NOT_A_CORRECTION = "这句我没听懂，卡片还没有动。要改就说改成什么，比如“改成60箱”；没问题就说“确认”。"
WHAT_OF = "「{customer}」，好。今天怎么样？见了谁、订了多少、铺了什么样品，接着说一句就行。"
HELPERS = ("operations", "admin")
MOST_HELPERS = 2


def help_(intent: Command, turn: Turn) -> Reply:
    return say(turn, HELP)


def how_to_claim(intent: Command, turn: Turn) -> Reply:
    return say(turn, HOW_TO_CLAIM)


def hello(intent: Hello, turn: Turn) -> Reply:
    turn.dialogue = turn.dialogue.model_copy(update={"greeted_on": turn.local_now.date().isoformat()})
    return say(turn, f"{turn.person.name}你好，我是小访。\n{HELP}")


def chitchat(intent: Command, turn: Turn) -> Reply:
    return say(turn, CHITCHAT)


def stranger(intent: Stranger, turn: Turn) -> Reply:
    return say(turn, STRANGER)


def renamed(intent: Renamed, turn: Turn) -> Reply:
    turn.work.people.rename(intent.channel, intent.old, intent.new)
    return Reply()


def unheard(intent: Unheard, turn: Turn) -> Reply:
    return say(turn, intent.words)


def unclear(intent: Unclear, turn: Turn) -> Reply:
    """Say that nothing was understood and how to go on; a customer alone is kept in mind for the next words."""
    top = turn.dialogue.top
    proposal = turn.work.records.proposal(top.id) if top and top.kind == "proposal" else None
    if proposal and proposal.state == "open":
        asked = (proposal.question or {}).get("ask", "")
        return say(turn, NOT_AN_ANSWER.format(asked=asked) if asked else NOT_A_CORRECTION)
    customer = turn.lexicon.customers.get(intent.customer) if intent.customer else None
    if customer is None:
        return say(turn, NOT_CLEAR)
    turn.dialogue = turn.dialogue.at(customer.code, turn.now)
    return say(turn, WHAT_OF.format(customer=customer.name))


def hand_over(intent: HandOver, turn: Turn) -> Reply:
    """Pass somebody on to the people who run this, with his own words."""
    people = turn.work.people.with_role(*HELPERS)
    others = [p for p in people if p.id != turn.person.id][:MOST_HELPERS]
    if not others:
        raise Refusal("通讯录里还没有管理员，我转告不了。请直接找你的上级。")
    note = Text(
        text=f"{turn.person.name}（{turn.person.team}）想找人帮忙，请直接联系他。他说：“{intent.words}”"
    )
    told = "、".join(p.name for p in others)
    return sum((tell(p.id, note) for p in others), say(turn, f"好，已经转告{told}，会直接找你。"))
