"""What is wrong with a response that the page can read: not the policy, then."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from ...core.errors import plain
from ...core.fetch_standard import NON_WILDCARD_REQUEST_HEADERS
from ...core.reasons import Reason
from ..browser.cookies import CookieJar, CookieRefused
from ..browser.engines import Engine
from ..browser.requests import PageRequest, status_text
from ..codes import Cause
from .case import Case, Diagnosis, Fix, PolicyStatus, SessionCookie
from .changes import Trial
from .fixes import HOST_PASSED_ON, both, path_of, policy_change
from .in_front import changed_request, pass_on, removed_in_front
from .items import as_applied
from .redirected import PROXY_FIX, leads_to_login
from .statuses import meaning, quoted, server_failure
from .values import unset_variable

ONE_SITE: Final = (
    "Serve page and API from one site, such as app.example.com and api.example.com: "
    "many browsers block cookies of other sites."
)
REFERRER_POLICY: Final = (
    "Send Referrer-Policy: strict-origin-when-cross-origin with the page: without it "
    "browsers hide the origin, and send null."
)
_SAME_SITE: Final = re.compile(r";\s*SameSite=(\w+)", re.IGNORECASE)
INCLUDE: Final = Fix(
    'Have the page include them: fetch(url, {credentials: "include"}).',
    page={"credentials": "include"},
)


def diagnose_readable(case: Case) -> Diagnosis | None:
    """Return what is wrong with the response, ``None`` if it seems to be right."""
    readable = case.outcome.readable
    if readable is None or readable.kind == "opaqueredirect":
        return None
    if readable.kind == "opaque":
        return _opaque(case)
    if readable.status >= 500:
        return _server_error(case)
    if len(case.outcome.exchanges) > 1 and leads_to_login(case.outcome.exchanges):
        return _redirected_to_login(case)
    found = removed_in_front(case)
    if found is not None:
        return found
    if readable.status == 403 and readable.kind == "basic":
        found = _refused_own_page(case)
    elif readable.status == 401:
        found = _signed_out(case)
    elif readable.status in (404, 405) and _has_no_route(case):
        found = changed_request(case) or _no_route(case)
    elif readable.status < 400:
        found = _cookie_not_stored(case)
    return found or _client_error(case)


def unsent_cookie(case: Case) -> SessionCookie | None:
    """Return the session cookie, if SameSite keeps the browser from sending it."""
    cookie = case.server.session
    if cookie is None or not is_cross_site(case):
        return None
    return None if cookie.crosses_sites(case.page.engine) else cookie


def unsent_because(cookie: SessionCookie, engine: Engine) -> str:
    """Say why *engine* does not send *cookie* for pages of other sites."""
    name = plain(cookie.name)
    if cookie.may_cross_sites(engine):
        return f"{engine} stores and sends no cookies of other sites, such as {name}."
    return (
        f"The cookie {name} has {cookie.told}: browsers do not send it with requests "
        "of pages of other sites."
    )


def is_cross_site(case: Case) -> bool:
    """Say whether page and API are of two sites."""
    exchange = case.exchange
    assert exchange is not None
    return case.page.is_cross_site(exchange.sent.url.origin)


def is_framed(case: Case) -> bool:
    """Say whether page and API are of one site, and the page around is of another."""
    alone = replace(case, page=replace(case.page, top=""))
    return is_cross_site(case) and not is_cross_site(alone)


def cookie_fixes(cookie: SessionCookie) -> tuple[Fix, ...]:
    """Return how a session cookie gets from one site to another."""
    text = 'Set SESSION_COOKIE_SAMESITE="None" and SESSION_COOKIE_SECURE=True, for '
    text += "browsers that allow cookies of other sites."
    if cookie.same_site == "none" and not cookie.secure:
        text = "Set SESSION_COOKIE_SECURE=True: SameSite=None needs it."
        return Fix(text), Fix(ONE_SITE)
    if cookie.same_site == "none":
        text = "Set SESSION_COOKIE_PARTITIONED=True (Flask 3.1), so that browsers keep "
        text += "the cookie for pages of this one site, and sign in from there."
    return Fix(ONE_SITE), Fix(text)


def _opaque(case: Case) -> Diagnosis:
    found = 'With mode "no-cors" the page can read nothing of the response.'
    body = case.request.body
    if body is not None and body.content_type == "application/json":
        found += " JSON is sent as text/plain."
    text = 'Remove mode: "no-cors" from the page, and have the server allow its origin.'
    return Diagnosis(Cause.OPAQUE_RESPONSE, found, (Fix(text, page={"mode": "cors"}),))


def _server_error(case: Case) -> Diagnosis:
    found, fix = server_failure(case, f"The server failed ({status_text(case.status)})")
    found += " The page can read the response: this is not a CORS problem."
    return Diagnosis(Cause.SERVER_ERROR, found, (fix,))


def _client_error(case: Case) -> Diagnosis | None:
    said = meaning(case.status)
    exchange = case.exchange
    if said is None or exchange is None:
        return None
    found = f"The response ({status_text(case.status)}) says that {said.text}."
    found += quoted(case.received, exchange.sent.headers)
    found += " The page can read it: this is not a CORS problem."
    return Diagnosis(Cause.CLIENT_ERROR, found, (Fix(said.fix),))


def _redirected_to_login(case: Case) -> Diagnosis:
    exchanges = case.outcome.exchanges
    first, last = exchanges[0].sent.url, exchanges[-1].sent.url
    found = f"{first.path} redirects to {last.path}: the page reads a login page, "
    found += "not data."
    text = "Have the API answer 401 when nobody is signed in, and not redirect."
    return Diagnosis(Cause.NOT_SIGNED_IN, found, (Fix(text),))


def _has_no_route(case: Case) -> bool:
    return case.server.status is not PolicyStatus.UNKNOWN and not case.server.route


def _no_route(case: Case) -> Diagnosis:
    exchange, server = case.exchange, case.server
    assert exchange is not None
    sent, hosts = exchange.sent, server.hosts
    asked = f"{plain(server.method or sent.method)} {plain(path_of(case), 200)}"
    found = f"No route of the application serves {asked}"
    found += f" at {sent.url.host}, but one does at {hosts[0]}." if hosts else "."
    found += _unset("The path", sent.url.path)
    fixes = [Fix(f"{Cause.NO_ROUTE.fix}.")]
    if hosts:
        url = f"{sent.url.scheme}://{hosts[0]}{sent.url.target}"
        fixes.insert(0, Fix(f"Have the page request {url}.", page={"url": url}))
    if sent.method != case.request.sent_method:
        found += f" A redirect has turned {plain(case.request.sent_method)} into "
        found += f"{sent.method}."
        text = f"Have the page request {sent.url}, or the API redirect with 307 or 308."
        fixes.insert(0, Fix(text, page={"url": str(sent.url)}))
    return Diagnosis(Cause.NO_ROUTE, found + _can_read(case), tuple(fixes))


def _can_read(case: Case) -> str:
    status = status_text(case.status)
    return f" The page can read that ({status}): this is not a CORS problem."


def _unset(what: str, text: str) -> str:
    """Say that *text* has a value of JavaScript that is none."""
    word = unset_variable(text)
    return f" {what} has {word}: a variable of the page has no value." if word else ""


def _signed_out(case: Case) -> Diagnosis:
    found = f"The API says that nobody is signed in ({status_text(case.status)})."
    challenge = case.received.get("WWW-Authenticate")
    sets = {name.lower() for name, _ in case.request.headers}
    if sets & NON_WILDCARD_REQUEST_HEADERS:
        found = "The page sent Authorization, and the API did not accept it "
        found += f"({status_text(case.status)}). This is not a CORS problem."
        token = " ".join(value for _, value in case.request.headers)
        found += _unset("Authorization", token)
        text = "Have the page get a new token: this one may have expired or be wrong."
        return Diagnosis(Cause.TOKEN_REJECTED, found, (Fix(text),))
    if challenge is not None:
        found += f" It asks for Authorization ({plain(challenge)})."
        return Diagnosis(Cause.NOT_SIGNED_IN, found, (_authorization(case),))
    exchange = case.exchange
    assert exchange is not None
    if not exchange.sent.credentials:
        foreign = exchange.sent.url.origin != case.page.origin
        found += " The page leaves out cookies"
        found += ", as fetch does for other origins," if foreign else ""
        found += " and sends no Authorization."
        fixes = [_including(case), _authorization(case)]
        policy, origin = case.server.policy, case.page.origin
        if policy is not None and not as_applied(policy, origin).supports_credentials:
            fixes.reverse()  # A policy without credentials is one for tokens.
        return Diagnosis(Cause.NOT_SIGNED_IN, found, tuple(fixes))
    session = case.server.session
    why, text = "", ""
    if session is not None:
        why, text = session.unsent_to(exchange.sent.url, case.page.engine)
    if session is not None and why:
        found += f" The cookie {plain(session.name)} {why}: no browser sends it there."
        return Diagnosis(Cause.COOKIE_NOT_SENT, found, (Fix(text),))
    cookie = unsent_cookie(case)
    if cookie is not None:
        found += f" {unsent_because(cookie, case.page.engine)}"
        fixes = list(cookie_fixes(cookie))
        if is_framed(case):
            found += f" The page is a frame in one of {plain(case.page.top)}."
            fixes.remove(Fix(ONE_SITE))
        return Diagnosis(Cause.COOKIE_NOT_SENT, found, tuple(fixes))
    text = "Sign in first; to try it here, give the cookie that the browser would hold."
    advice = [Fix(text)]
    if is_cross_site(case):
        found += " Page and API are of two sites."
        advice.append(Fix(ONE_SITE))
    return Diagnosis(Cause.NOT_SIGNED_IN, found, tuple(advice))


def _including(case: Case) -> Fix:
    """Return the advice to include credentials, with what the policy needs for it."""
    page_fix = INCLUDE
    cookie = unsent_cookie(case)
    if cookie is not None:
        text = f"{page_fix.text} {cookie_fixes(cookie)[0].text}"
        page_fix = replace(page_fix, text=text)
    return _with_policy(case, page_fix, replace(case.request, credentials="include"))


def _authorization(case: Case) -> Fix:
    """Return the advice to send a token, with what the policy needs for it."""
    headers = (*case.request.headers, ("Authorization", "Bearer ..."))
    text = "If the API recognises its users by a token, have the page set "
    text += "Authorization."
    return _with_policy(case, Fix(text), replace(case.request, headers=headers))


def _with_policy(case: Case, page_fix: Fix, request: PageRequest) -> Fix:
    """Return *page_fix* with what the policy needs to let *request* through."""
    policy = case.server.policy
    if policy is None:
        return page_fix
    change = Trial.of(replace(case, request=request)).change(policy)
    if change.problems:
        hints = " ".join(problem.hint for problem in change.problems)
        return replace(
            page_fix,
            text=f"{page_fix.text} The policy cannot allow that as it is: {hints}",
        )
    if not change.options:
        return page_fix
    return both(page_fix, policy_change(case, change.options))


def _cookie_not_stored(case: Case) -> Diagnosis | None:
    """The response sets a cookie, and the browser drops it."""
    exchange = case.exchange
    assert exchange is not None
    headers = case.received.values("Set-Cookie")
    if not headers or exchange.sent.url.origin == case.page.origin:
        return None
    name = _cookie_name(headers[0])
    if not exchange.sent.credentials:
        found = f"The response sets the cookie {name}, and the browser drops it, "
        found += "because the page does not include credentials."
        return Diagnosis(Cause.COOKIE_NOT_STORED, found, (_including(case),))
    jar = CookieJar(case.page.engine, lambda: 0.0)
    for header in headers:
        try:
            jar.take(header, exchange.sent.url, case.page.origin, case.page.top)
        except CookieRefused as error:
            found = f"The browser does not store the cookie {_cookie_name(header)}: "
            found += plain(error.why, 300)
            changed = _changed_same_site(case, header)
            if changed is not None:
                cause = Cause.CHANGED_IN_FRONT
                return Diagnosis(
                    cause, f"{found} {changed}", (pass_on(["Set-Cookie"]),)
                )
            fixes = [Fix(ONE_SITE)] if is_cross_site(case) else []
            if error.fix:
                fixes.insert(0, Fix(error.fix))
            else:
                text = "Set the cookie with SameSite=None; Secure, over https."
                fixes.append(Fix(text))
            return Diagnosis(Cause.COOKIE_NOT_STORED, found, tuple(fixes))
    return None


def _changed_same_site(case: Case, header: str) -> str | None:
    """Say that a session cookie has another SameSite than the application sets."""
    session = case.server.session
    if session is None or _cookie_name(header) != session.name:
        return None
    sent = _SAME_SITE.search(header)
    if not session.same_site or session.same_site == (sent[1].lower() if sent else ""):
        return None
    return (
        f"The application sets it with {session.told}: something in front of it "
        "changes the cookie."
    )


def _cookie_name(header: str) -> str:
    return plain(header.partition(";")[0].partition("=")[0].strip())


def _refused_own_page(case: Case) -> Diagnosis | None:
    """``enforce`` has refused a page of the API's own origin."""
    reason, decision = case.server.refused, case.server.decision
    if reason is None and decision is not None and decision.status == 403:
        reason = decision.reason
    if reason is None:
        return None
    found = f"enforce has refused the request ({case.server.place}), although the page "
    found += "has the API's own origin: "
    if reason is Reason.ORIGIN_NOT_ALLOWED:
        found += "the application does not know that it is served there."
        fixes = [Fix(HOST_PASSED_ON)]
        if case.first_url.startswith("https:"):
            fixes.insert(0, Fix(PROXY_FIX))
        return Diagnosis(reason, found, tuple(fixes))
    found += f"{reason.sentence}."
    fix = Fix(REFERRER_POLICY if reason is Reason.ORIGIN_NULL else f"{reason.fix}.")
    return Diagnosis(reason, found, (fix,))
