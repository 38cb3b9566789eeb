"""The words of the login page: 中文, English, 繁體, as in ``ui/strings.py``."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from rag.wording import Frame, in_traditional


@dataclass(frozen=True, slots=True)
class LoginStrings:
    """Every label of the login page in one language; ``_of`` fields are templates."""

    title: str
    intro: str
    name: str
    password: str
    go: str
    wrong: str
    wait_of: str
    busy: str
    logged_in_of: str
    reader: str
    editor: str
    by_proxy: str
    log_out: str
    editors_only: str
    editors_only_of: str


_ZH = LoginStrings(
    title="登录",
    intro="这里的报纸需要登录后查阅。账号由管理员开通。",
    name="用户名",
    password="密码",
    go="登录",
    wrong="用户名或密码不对，请重新输入。",
    wait_of="输错的次数太多，请过 {seconds} 秒再试。",
    busy="正在登录的人太多，请稍等几秒再试。",
    logged_in_of="已登录：{name}（{role}）",
    reader="读者",
    editor="编辑",
    by_proxy="您是由本单位的登录系统进来的，请在那里退出。",
    log_out="退出登录",
    editors_only="需要编辑权限",
    editors_only_of="只有编辑可以增删版面。您的账号 {name} 是读者账号；如有需要，请联系管理员。",
)

_EN = LoginStrings(
    title="Log in",
    intro="These newspapers are for people with an account, which whoever runs this server gives.",
    name="Name",
    password="Password",
    go="Log in",
    wrong="Name or password is wrong: please enter them again.",
    wait_of="Too many wrong passwords: please wait {seconds} seconds and try again.",
    busy="Too many people are logging in: please try again in a few seconds.",
    logged_in_of="Logged in: {name} ({role})",
    reader="reader",
    editor="editor",
    by_proxy="You came in through the login of your organisation; log out there.",
    log_out="Log out",
    editors_only="For editors",
    editors_only_of="Only editors may add and remove pages. Your account {name} is a reader's; "
    "ask whoever runs this server.",
)

LOGIN_STRINGS: Mapping[Frame, LoginStrings] = MappingProxyType(
    {"zh": _ZH, "en": _EN, "zh-Hant": in_traditional(_ZH)}
)
