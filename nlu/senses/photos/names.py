"""Words that tell names, titles and goods apart from other writing."""

import re
from functools import cache

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖"
    "贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
TITLES = (
    "董事长|总经理|副总经理|总监|经理|主管|主任|店长|副店长|采购|业务员|销售|顾问|专员|代表|助理|老板|负责人|合伙人|创始人|总裁|厂长|"
    "部长|科长|组长|督导|会计|工程师"
)
COMPANY = (
    r"(?:有限责任公司|股份有限公司|有限公司|公司|集团|商行|商贸|超市|便利店|百货|经营部|批发部|酒店|工作室)"
)
GOODS = (
    r"(?:酸奶|牛奶|奶|乳|奶酪棒?|饮料|饮品|果汁|汁|可乐|雪碧|汽水|矿泉水|纯净水|水|茶|咖啡|啤酒|白酒|酒|方便面|面|饼干|薯片|糖|巧克力|"
    r"瓜子|坚果|火腿肠|香肠|面包|蛋糕|果冻|冰淇淋|雪糕|米|油|盐|酱油|醋|酱|纸巾|抽纸|洗发水|洗衣液|洗衣粉|肥皂|牙膏|毛巾|电池|[奶芝]?酪|棒)"
)


@cache
def _converter() -> object:
    from opencc import OpenCC

    return OpenCC("t2s")


def simplified(text: str) -> str:
    """Recognition takes a few letters for their traditional form."""
    return str(_converter().convert(text))  # type: ignore[attr-defined]


def is_chinese(text: str, least: int = 2) -> bool:
    return len(re.findall(r"[\u4e00-\u9fff]", text)) >= least
