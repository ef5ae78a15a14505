"""A visitor without a browser: speaks HTTP, reads HTML, keeps cookies, follows nothing unasked."""

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPMessage
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit


@dataclass
class Form:
    """A form of a page, filled in as the page came; or a button that sends one elsewhere."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    """Name and value of each button; the name is "" where it has none."""
    text: str = ""

    def pressed(self, **typed: str) -> dict[str, str]:
        """What a browser would send: what stands in the form, and what was typed or pressed."""
        return {k: v for k, v in (self.fields | typed).items() if k}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._named: dict[str, Form] = {}
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        name, value = values.get("name", ""), values.get("value", "")
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif tag == "form":
            self._form = Form(values.get("action", ""))
            self.forms.append(self._form)
            self._named[values.get("id", "")] = self._form
        elif tag == "button" and "form" in values and "formaction" in values:
            sent = self._named[values["form"]].fields | {name: value}
            self._form = Form(values["formaction"], sent)
            self.forms.append(self._form)
        elif self._form is None:
            return
        elif tag == "input" and values.get("type") in {"checkbox", "radio"}:
            if "checked" in values:
                self._form.fields[name] = value or "on"
        elif tag in {"input", "textarea"}:
            self._form.fields[name] = value
        elif tag == "select":
            self._select = name
            self._form.fields.setdefault(name, "")
        elif tag == "option" and "selected" in values:
            self._form.fields[self._select] = value
        elif tag == "button":
            self._form.buttons.append((name, value))

    def handle_endtag(self, tag: str) -> None:
        apart = self._form is not None and self._form not in self._named.values()
        if tag == "form" or (tag == "button" and apart):
            self._form = None

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        if self._form is not None:
            self._form.text += data


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    url: str
    headers: HTTPMessage
    body: bytes

    @property
    def html(self) -> str:
        """The page as it was sent."""
        return self.body.decode()

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def location(self) -> str:
        """Where the answer sends the visitor, as a path."""
        return urlsplit(self.headers["Location"] or "").path

    @property
    def text(self) -> str:
        """The words of the page, single-spaced."""
        return " ".join("".join(self._read().text).split())

    @property
    def links(self) -> list[str]:
        """Where the links of the page lead."""
        return [urljoin(self.url, link) for link in self._read().links]

    def forms(self, about: str = "") -> list[Form]:
        """The forms of the page whose words hold `about`."""
        return [form for form in self._read().forms if about in form.text]

    def form(self, about: str = "") -> Form:
        """The first form of the page whose words hold `about`."""
        found = self.forms(about)
        assert found, f"no form about “{about}” on {self.url}:\n{self.text}"
        return found[0]

    def _read(self) -> _Reader:
        reader = _Reader()
        reader.feed(self.html)
        reader.close()
        return reader


class Visitor:
    """Somebody with a cookie jar at a site."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.cookies: dict[str, str] = {}

    def get(self, address: str, **headers: str) -> Answer:
        """Read a page."""
        return self._ask("GET", address, None, headers)

    def head(self, address: str, **headers: str) -> Answer:
        """Ask for the headers alone, as link checkers do."""
        return self._ask("HEAD", address, None, headers)

    def post(self, address: str, form: dict[str, str] | None = None, **headers: str) -> Answer:
        """Send a form."""
        return self._ask("POST", address, urlencode(form or {}), headers)

    def press(self, page: Answer, form: Form, **typed: str) -> Answer:
        """Send a form of a page with what was typed, and the button that was pressed."""
        return self.post(urljoin(page.url, form.action or page.url), form.pressed(**typed))

    def _ask(self, method: str, address: str, body: str | None, headers: dict[str, str]) -> Answer:
        url = urlsplit(urljoin(self.site, address))
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            given.setdefault("Content-Type", "application/x-www-form-urlencoded")
        if self.cookies:
            given["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        connection = HTTPConnection(url.hostname or "", url.port, timeout=30)
        try:
            path = f"{url.path or '/'}?{url.query}" if url.query else url.path or "/"
            connection.request(method, path, body, given)
            answer = connection.getresponse()
            self._keep(answer.headers)
            return Answer(answer.status, url.geturl(), answer.headers, answer.read())
        finally:
            connection.close()

    def _keep(self, headers: HTTPMessage) -> None:
        for line in headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0" or not morsel.value:
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
