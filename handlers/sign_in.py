"""Open the web pages: a link for one person, once, given in his own chat."""

from domain.errors import Refusal
from domain.intents import Intent
from domain.intents.events import SignIn
from handlers.turn import Reply, Turn, say
from storage.sign_in import LINK_LASTS, new_link

ASKED = frozenset(
    ("管理后台", "打开管理后台", "打开后台", "进入后台", "后台", "登录后台", "网页版", "打开网页版")
)
NO_ADDRESS = "网页还没有开通：设置里没有写 public_url。请让管理员写上后再试。"


def heard(text: str) -> tuple[Intent, ...]:
    return (SignIn(),) if text.strip().strip("。.！!？?") in ASKED else ()


def give_link(intent: SignIn, turn: Turn) -> Reply:
    """Raises Refusal where the pages have no address that a browser could open."""
    if not turn.public_url:
        raise Refusal(NO_ADDRESS)
    key = new_link(turn.work.session, turn.person.id, turn.now)
    turn.work.records.audit(f"person:{turn.person.id}", "sign_in_link", None, "given", "本人在聊天里要的")
    minutes = int(LINK_LASTS.total_seconds() // 60)
    words = f"点开就能进管理后台，{minutes} 分钟内有效，只能用一次，请不要转发："
    return say(turn, f"{words}\n{turn.public_url}/manage/login/{key}")
