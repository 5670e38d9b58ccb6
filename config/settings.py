"""Settings: one YAML file, every key overridable from the environment, secrets also from files.

    load(path, environ)      path: --config, else XIAOFANG_CONFIG, else ./xiaofang.yaml where it exists
    wecom.secret             the same key as XIAOFANG_WECOM__SECRET
    wecom.secret_file        reads the secret from a file; as XIAOFANG_WECOM__SECRET_FILE too

The environment wins over the file, and the file over the defaults. Nothing is taken from settings with a mistake in
them, and all mistakes are reported at once, each with its place and words that say what to write. No message and no
representation of a `Settings` holds a secret.
"""

import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfo

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo

PREFIX = "XIAOFANG_"
CONFIG = "XIAOFANG_CONFIG"
DEFAULT_FILE = "xiaofang.yaml"
PATHS = {("media_dir",), ("rulebook_dir",), ("speech", "model_dir"), ("reading", "model_dir")}

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


@dataclass(frozen=True)
class Problem:
    where: str
    """`xiaofang.yaml:12`, or the name of an environment variable."""
    key: str
    words: str

    def __str__(self) -> str:
        return f"{self.where}  {self.key}：{self.words}" if self.key else f"{self.where}  {self.words}"


class SettingsError(Exception):
    """The settings cannot be used; `problems` is all that is wrong with them."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True)
class _Given:
    value: str | list[str]
    where: str


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


def find(explicit: Path | None, environ: Mapping[str, str]) -> Path | None:
    """The settings file: the one that was named, else ./xiaofang.yaml where there is one."""
    if explicit or environ.get(CONFIG):
        return explicit or Path(environ[CONFIG])
    return Path(DEFAULT_FILE) if Path(DEFAULT_FILE).exists() else None


def load(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Settings from the file and the environment. Raises SettingsError with every mistake found.

    Relative paths in the file, and the defaults, start at the file's folder; those in the environment at the
    current one.
    """
    path = find(path, environ)
    problems: list[Problem] = []
    given = dict(_from_file(path, problems)) if path else {}
    named = dict(_from_environment(environ, problems))
    for key in named:  # a secret from the environment replaces the file's, whichever way either is given
        given.pop((*key[:-1], key[-1].removesuffix("_file")), None)
        given.pop((*key[:-1], f"{key[-1]}_file"), None)
    given |= named
    _read_secrets(given, path, problems)
    settings = _validated(given, path, problems)
    if settings is None or problems:
        raise SettingsError(sorted(problems, key=_place))
    return _placed(settings, path.resolve().parent if path else Path.cwd())


def _place(problem: Problem) -> tuple[str, int, str]:
    file, _, line = problem.where.rpartition(":")
    return (file, int(line), problem.key) if line.isdecimal() else (problem.where, 0, problem.key)


# the file ---------------------------------------------------------------------------------------------------


def _from_file(path: Path, problems: list[Problem]) -> Iterator[tuple[Key, _Given]]:
    file = str(path)
    try:
        root = yaml.compose(path.read_text("utf-8-sig"), Loader=yaml.SafeLoader)
    except OSError as error:
        problems.append(
            Problem(
                file,
                "",
                f"读不了设置文件（{error.strerror}）。请检查路径，或复制 xiaofang.example.yaml 再改。",
            )
        )
        return
    except UnicodeDecodeError:
        problems.append(Problem(file, "", "不是 UTF-8 文本，请用 UTF-8 保存。"))
        return
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        problems.append(
            Problem(f"{file}:{line}", "", f"YAML 写法有误（{error.problem}），请检查缩进、冒号和引号。")
        )
        return
    except (yaml.YAMLError, RecursionError):
        problems.append(Problem(file, "", "里面有 YAML 不允许的内容，请对照 xiaofang.example.yaml 重写。"))
        return
    if root is not None and not _empty(root):
        yield from _mapping(root, (), file, problems)


def _mapping(node: yaml.Node, at: Key, file: str, problems: list[Problem]) -> Iterator[tuple[Key, _Given]]:
    if not isinstance(node, yaml.MappingNode):
        what = ".".join(at) or "整个文件"
        problems.append(Problem(f"{file}:{node.start_mark.line + 1}", what, "应当是“键: 值”的写法。"))
        return
    inside, seen = sections(), set()
    for key_node, value in node.value:
        where = f"{file}:{key_node.start_mark.line + 1}"
        key = (*at, str(key_node.value))
        if key in seen:
            problems.append(Problem(where, ".".join(key), "写了两次，请只留一个。"))
        seen.add(key)
        if not at and key[0] in inside:
            if not _empty(value):
                yield from _mapping(value, key, file, problems)
        elif not _known(key):
            problems.append(Problem(where, ".".join(key), _unknown(key)))
        elif isinstance(value, yaml.SequenceNode):
            yield key, _Given([str(item.value) for item in value.value], where)
        elif isinstance(value, yaml.MappingNode):
            problems.append(
                Problem(where, ".".join(key), f"这里应当是一个值，不是一段设置。请写：{_hint(key)}。")
            )
        elif not _empty(value):
            yield key, _Given(str(value.value), where)


def _empty(node: yaml.Node) -> bool:
    return node.tag == "tag:yaml.org,2002:null"


# the environment --------------------------------------------------------------------------------------------


def _from_environment(environ: Mapping[str, str], problems: list[Problem]) -> Iterator[tuple[Key, _Given]]:
    """An empty variable counts as not set, as compose files leave them."""
    for name, value in environ.items():
        if not name.startswith(PREFIX) or name == CONFIG or not value:
            continue
        key = tuple(name.removeprefix(PREFIX).lower().split("__"))
        if not _known(key):
            problems.append(Problem(name, "", _unknown(key, in_environment=True)))
            continue
        several = key in keys() and str(keys()[key].annotation).startswith("tuple")
        if key in PATHS:
            value = str(Path(value).expanduser().absolute())
        yield key, _Given([part.strip() for part in value.split("|")] if several else value, name)


def variable(key: Key) -> str:
    """The environment variable of a key."""
    return PREFIX + "__".join(key).upper()


# both -------------------------------------------------------------------------------------------------------


def _known(key: Key) -> bool:
    return key in keys() or _secret_of(key) is not None


def _secret_of(key: Key) -> Key | None:
    """`wecom.secret` for `wecom.secret_file`."""
    secret = (*key[:-1], key[-1].removesuffix("_file"))
    return secret if key[-1].endswith("_file") and secret in secret_keys() else None


def _unknown(key: Key, *, in_environment: bool = False) -> str:
    write = variable if in_environment else ".".join
    known = {write(k): k for k in [*keys(), *((*k[:-1], f"{k[-1]}_file") for k in secret_keys())]}
    if not in_environment and len(key) == 1:
        known |= {name: (name,) for name in sections()}
    near = get_close_matches(write(key), known, n=1, cutoff=0.6)
    same_end = [text for text, k in known.items() if k[-1] == key[-1]]
    suggestion = near[0] if near else same_end[0] if len(same_end) == 1 else ""
    hint = f"是不是想写 {suggestion}？" if suggestion else "全部设置项见 docs/settings.md。"
    return f"没有这个设置项。{hint}"


def _read_secrets(given: dict[Key, _Given], path: Path | None, problems: list[Problem]) -> None:
    """Replace each `…_file` by what the file holds."""
    for key in [k for k in given if _secret_of(k)]:
        named = given.pop(key)
        secret = _secret_of(key) or key
        if secret in given:
            words = f"和 {secret[-1]} 只能写一个，请删掉其中一个。"
            problems.append(Problem(named.where, ".".join(key), words))
            continue
        file = Path(str(named.value)).expanduser()
        if path and named.where.startswith(str(path)) and not file.is_absolute():
            file = path.resolve().parent / file
        try:
            given[secret] = _Given(file.read_text("utf-8-sig").strip(), named.where)
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "不是文本"
            words = f"读不了密钥文件 {file}（{why}）。请检查路径和读取权限。"
            problems.append(Problem(named.where, ".".join(key), words))
            given[secret] = _Given("\0", "")  # told already; the key itself is not missing


def _validated(given: dict[Key, _Given], path: Path | None, problems: list[Problem]) -> Settings | None:
    tree: dict[str, Any] = {}
    for key, one in given.items():
        branch = tree
        for step in key[:-1]:
            branch = branch.setdefault(step, {})
        branch[key[-1]] = one.value
    try:
        return Settings.model_validate(tree)
    except ValidationError as error:
        for mistake in error.errors(include_input=False):
            problem = _mistake(mistake, given, path)
            if problem:
                problems.append(problem)
        return None


REASONS = {
    "missing": "缺少这一项",
    "int_parsing": "应当是整数",
    "int_type": "应当是整数",
    "string_type": "应当是一个值，不是一串",
    "tuple_type": "应当是一个列表",
    "literal_error": "不是可用的取值",
    "string_too_short": "是空的",
    "greater_than_equal": "太小了",
    "less_than_equal": "太大了",
}


def _mistake(mistake: Any, given: dict[Key, _Given], path: Path | None) -> Problem | None:
    key = tuple(str(step) for step in mistake["loc"] if not isinstance(step, int))
    one = given.get(key)
    if one and one.value == "\0":
        return None
    where = one.where if one else str(path) if path else variable(key)
    reason = REASONS.get(mistake["type"]) or mistake["msg"].removeprefix("Value error, ")
    return Problem(where, ".".join(key), f"{reason}。请写：{_hint(key)}。")


def _hint(key: Key) -> str:
    secret = _secret_of(key)
    if secret:
        return "存放密钥的文件路径"
    field = keys().get(key)
    return str(field.description) if field else ""


def _placed(settings: Settings, base: Path) -> Settings:
    """The same settings with every path absolute."""
    url = settings.database_url
    if url.startswith("sqlite:///") and url != "sqlite:///:memory:":
        file, question, options = url.removeprefix("sqlite:///").partition("?")
        url = f"sqlite:///{_under(base, Path(file))}{question}{options}"
    changes: dict[str, Any] = {
        "database_url": url,
        "media_dir": _under(base, settings.media_dir),
        "rulebook_dir": _under(base, settings.rulebook_dir) if settings.rulebook_dir else None,
        "speech": settings.speech.model_copy(update={"model_dir": _under(base, settings.speech.model_dir)}),
        "reading": settings.reading.model_copy(
            update={"model_dir": _under(base, settings.reading.model_dir)}
        ),
    }
    return settings.model_copy(update=changes)


def _under(base: Path, path: Path) -> Path:
    return base / path.expanduser()
