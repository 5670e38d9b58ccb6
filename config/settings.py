"""What may be set: every section and key, with its rule and its words. `config.settings_file` reads them."""

import binascii
import re
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr
from pydantic.fields import FieldInfo

Key = tuple[str, ...]


def _base_url(url: str) -> str:
    if url and not re.fullmatch(r"https?://(\[[0-9a-fA-F:.]+\]|[^\s/?#@:\[\]]+)(:\d{1,5})?/?", url):
        raise ValueError("应当是 http(s)://主机[:端口]，后面不带路径")
    return url.rstrip("/")


def _endpoint(url: str) -> str:
    if url and not re.fullmatch(r"https?://[^\s?#@]+", url):
        raise ValueError("应当是 http:// 或 https:// 开头的地址")
    return url.rstrip("/")


def _month_and_day(text: str) -> str:
    try:
        if text:
            date.fromisoformat(f"2024-{text}")
    except ValueError:
        raise ValueError("应当是月-日，例如 05-31") from None
    return text


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        raise ValueError("没有这个时区，请写 Asia/Shanghai 这样的名字") from None
    return name


def _database_url(url: str) -> str:
    if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        raise ValueError("应当以 sqlite:/// 或 postgresql:// 开头")
    return url


def _aes_key(key: SecretStr) -> SecretStr:
    text = key.get_secret_value()
    try:
        whole = len(binascii.a2b_base64(text.encode("ascii") + b"=")) == 32
    except ValueError:
        whole = False
    if text and not (whole and re.fullmatch(r"[0-9A-Za-z]{43}", text)):
        raise ValueError(f"应当是平台给的 43 个字母和数字，这里有 {len(text)} 个字符，请重新复制")
    return key


def _filled(secret: SecretStr) -> SecretStr:
    if not secret.get_secret_value():
        raise ValueError("是空的")
    return secret


BaseUrl = Annotated[str, AfterValidator(_base_url)]
Secret = Annotated[SecretStr, AfterValidator(_filled)]
AesKey = Annotated[SecretStr, AfterValidator(_aes_key)]
Name = Annotated[str, Field(min_length=1)]
WINDOW = Field(default=600, ge=30, le=3600, description="回调的时间戳最多可以差几秒，例如 600")


class Section(BaseModel):
    """Field descriptions say, in Chinese, what to write: they are shown with every mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Company(Section):
    name: str = Field(default="", description="公司名称，例如 青禾乳业")
    titles: tuple[str, ...] = Field(default=(), description="发票可以开给的抬头，例如 [青禾乳业有限公司]")
    tax_ids: tuple[str, ...] = Field(default=(), description="公司的税号，例如 [91110105MA01ABCD2X]")
    timezone: Annotated[str, AfterValidator(_timezone)] = Field(
        default="Asia/Shanghai", description="公司所在时区，例如 Asia/Shanghai"
    )


class Listen(Section):
    host: Name = Field(
        default="127.0.0.1", description="监听地址，例如 127.0.0.1；反向代理在别的机器上时写 0.0.0.0"
    )
    port: int = Field(default=8080, ge=1, le=65535, description="监听端口，例如 8080")


class WeCom(Section):
    corp_id: Name = Field(description="管理后台 → 我的企业 → 企业 ID，以 ww 开头")
    agent_id: int = Field(ge=0, description="管理后台 → 应用管理 → 本应用 → AgentId，一个整数，例如 1000002")
    secret: Secret = Field(description="管理后台 → 应用管理 → 本应用 → Secret")
    token: Secret = Field(description="本应用 → 接收消息 → API 接收消息里的 Token")
    aes_key: Annotated[AesKey, AfterValidator(_filled)] = Field(
        description="本应用 → 接收消息 → API 接收消息里的 EncodingAESKey，43 个字母和数字"
    )
    api_base: BaseUrl = Field(
        default="https://qyapi.weixin.qq.com", description="例如 https://qyapi.weixin.qq.com"
    )
    timestamp_window: int = WINDOW


class DingTalk(Section):
    client_id: Name = Field(description="开发者后台 → 应用 → 凭证与基础信息 → Client ID（原 AppKey）")
    client_secret: Secret = Field(
        description="开发者后台 → 应用 → 凭证与基础信息 → Client Secret（原 AppSecret）"
    )
    robot_code: str = Field(default="", description="机器人编码；不写时用 client_id")
    corp_id: str = Field(default="", description="企业的 CorpId，以 ding 开头")
    mode: Literal["stream", "http"] = Field(default="stream", description="stream 或 http")
    api_base: BaseUrl = Field(default="https://api.dingtalk.com", description="例如 https://api.dingtalk.com")
    oapi_base: BaseUrl = Field(
        default="https://oapi.dingtalk.com", description="例如 https://oapi.dingtalk.com"
    )
    card_template_id: str = Field(default="", description="互动卡片的模板 ID，以 .schema 结尾")
    event_token: SecretStr = Field(default=SecretStr(""), description="事件订阅的签名 Token")
    event_aes_key: AesKey = Field(
        default=SecretStr(""), description="事件订阅的加密 aes_key，43 个字母和数字"
    )
    timestamp_window: int = WINDOW


class Speech(Section):
    engine: Literal["faster-whisper", "sherpa-onnx"] = Field(
        default="faster-whisper", description="faster-whisper 或 sherpa-onnx"
    )
    model: str = Field(default="", description="模型名称，例如 small；不写时用引擎常用的模型")
    model_dir: Path = Field(default=Path("var/models"), description="放模型的文件夹，例如 ./var/models")


class Reading(Section):
    engine: Literal["rapidocr", "paddleocr"] = Field(
        default="rapidocr", description="rapidocr；另装的环境里可以用 paddleocr"
    )
    model: str = Field(default="", description="只有 paddleocr 用：模型名称，例如 PP-OCRv6_small")
    model_dir: Path = Field(
        default=Path("var/models"), description="只有 paddleocr 用：放模型的文件夹，例如 ./var/models"
    )


class Invoices(Section):
    oldest_days: int = Field(
        default=180, ge=0, le=3660, description="票据最多可以是几天前的，例如 180；0 不检查"
    )
    last_year_until: Annotated[str, AfterValidator(_month_and_day)] = Field(
        default="05-31", description="上一年的票据收到哪一天为止，月-日，例如 05-31；空着不检查"
    )
    status_url: Annotated[str, AfterValidator(_endpoint)] = Field(
        default="", description="查发票状态（作废、红冲）的接口地址；不写时不查"
    )


class Llm(Section):
    base_url: Annotated[str, AfterValidator(_endpoint), Field(min_length=1)] = Field(
        description="兼容 OpenAI 的接口地址，例如 http://127.0.0.1:8000"
    )
    model: Name = Field(description="模型名称")
    api_key: SecretStr = Field(default=SecretStr(""), description="接口的密钥；不需要时不写")


class Webhook(Section):
    url: Annotated[str, AfterValidator(_endpoint), Field(min_length=1)] = Field(
        description="流程里 webhook 步骤要通知的地址，例如 https://erp.example.com/xiaofang"
    )
    secret: Secret = Field(description="双方约定的签名密钥，至少 16 个字符")


class LeadsIn(Section):
    webhook_secret: SecretStr = Field(
        default=SecretStr(""), description="别的系统推送线索时签名用的密钥，至少 16 个字符；不写时不接收推送"
    )
    form_source: str = Field(
        default="", description="公开的线索表单 /leads/form 的来源名称，例如 官网表单；不写就没有这个表单"
    )


class Settings(Section):
    """What `bot` needs to know. Sections that are None are switched off. Paths are absolute."""

    company: Company = Field(default_factory=Company)
    database_url: Annotated[str, AfterValidator(_database_url)] = Field(
        default="sqlite:///var/xiaofang.db",
        repr=False,  # it may hold a password
        description="例如 sqlite:///var/xiaofang.db 或 postgresql://用户:密码@主机/库名",
    )
    media_dir: Path = Field(default=Path("var/media"), description="存放语音和图片的文件夹，例如 ./var/media")
    rulebook_dir: Path | None = Field(default=None, description="自己的规则文件夹；不写时用自带的规则")
    public_url: BaseUrl = Field(
        default="", description="外网访问本机的地址，例如 https://xiaofang.example.com"
    )
    listen: Listen = Field(default_factory=Listen)
    wecom: WeCom | None = None
    dingtalk: DingTalk | None = None
    speech: Speech = Field(default_factory=Speech)
    reading: Reading = Field(default_factory=Reading)
    invoices: Invoices = Field(default_factory=Invoices)
    llm: Llm | None = None
    webhook: Webhook | None = None
    leads: LeadsIn = Field(default_factory=LeadsIn)


def sections() -> dict[str, type[Section]]:
    """The sections by name."""
    found = {}
    for name, field in Settings.model_fields.items():
        for kind in (field.annotation, *get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, Section):
                found[name] = kind
    return found


def keys() -> dict[Key, FieldInfo]:
    """Every key that may be written, with its pydantic field."""
    inside = sections()
    found: dict[Key, FieldInfo] = {}
    for name, field in Settings.model_fields.items():
        if name in inside:
            found |= {(name, key): nested for key, nested in inside[name].model_fields.items()}
        else:
            found[(name,)] = field
    return found


def secret_keys() -> set[Key]:
    """The keys that may also be given as `<key>_file`."""
    return {key for key, field in keys().items() if field.annotation is SecretStr} | {("database_url",)}
