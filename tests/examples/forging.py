"""A page of an attacker that forges requests to the example with a login by cookie."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, request, session

PAGE = """<!doctype html>
<title>Kittens</title>
<form method="post" action="API/notes" target="frame">
  <input name="text" value="forged">
</form>
<form method="post" action="API/notes" target="frame" enctype="multipart/form-data">
  <input name="text" value="forged">
</form>
<form method="post" action="API/notes" target="frame" enctype="text/plain">
  <input name='{"text": "forged", "rest": "' value='"}'>
</form>
<iframe name="frame"></iframe>
<pre id="log"></pre>
<script>
const soon = () => new Promise((resolve) => setTimeout(resolve, 1000));
const sent = (body, options) => fetch("API/notes", {
  method: "POST", credentials: "include", body, ...options,
}).catch(() => {});
const json = JSON.stringify({text: "forged"});
const frame = document.querySelector("iframe");
const loads = (act) => Promise.race([soon(), new Promise((resolve) => {
  frame.onload = resolve;
  act();
})]);

async function forge() {
  await sent(new URLSearchParams({text: "forged"}), {mode: "no-cors"});
  await sent(new Blob([json], {type: "text/plain"}), {mode: "no-cors"});
  await sent(json, {headers: {"Content-Type": "application/json"}});
  navigator.sendBeacon("API/notes", new URLSearchParams({text: "forged"}));
  await soon();
  for (const form of document.forms) await loads(() => form.submit());
  const sandboxed = document.createElement("iframe");
  sandboxed.sandbox = "allow-forms allow-scripts";
  sandboxed.srcdoc = document.forms[0].outerHTML.replace('target="frame"', "")
    + "<script>document.forms[0].submit()<" + "/script>";
  document.body.append(sandboxed);
  await soon();
  await Promise.race([soon(), new Promise((resolve) => {
    const socket = new WebSocket("API/socket".replace("http", "ws"));
    socket.onclose = socket.onerror = resolve;
  })]);
  document.querySelector("#log").dataset.done = 1;
}
forge();
</script>
"""


def create_forging_page(api: str) -> Flask:
    """Return the application that serves the page.

    :param api: the origin that it attacks.
    """
    app = Flask("forging")

    @app.get("/")
    def index() -> Response:
        return Response(PAGE.replace("API", api))

    return app


def take_forms(api: Flask) -> Flask:
    """Have *api* write notes from forms, too, and from JSON of any type.

    Such a view has no defence of its own against forged requests.
    """

    def write_note() -> dict[str, Any]:
        sent = request.form or request.get_json(force=True)
        session["notes"] = [*session.get("notes", []), sent["text"]]
        return {"notes": session["notes"]}

    api.view_functions["write_note"] = write_note
    return api


def note_what_runs(api: Flask) -> list[str]:
    """Have *api* note what it does not refuse, a WebSocket too; return the notes."""
    ran: list[str] = []

    def socket() -> str:
        return "not upgraded"

    def note() -> None:
        if request.method == "POST" or request.path == "/socket":
            ran.append(f"{request.method} {request.path} {request.headers['Origin']}")

    api.add_url_rule("/socket", "socket", socket, websocket=True)
    api.before_request(note)
    return ran
