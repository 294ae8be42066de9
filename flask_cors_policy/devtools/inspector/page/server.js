// The inspector's own server: JSON in, JSON out.

export function getState() {
  return ask("state");
}

export function getNews(after) {
  return ask(`news?after=${after}`);
}

export function explain(form) {
  return ask("explain", {
    method: "POST",
    headers: {"Content-Type": "application/json"},
    body: JSON.stringify({form}),
  });
}

async function ask(path, init) {
  const response = await fetch(path, init);
  if (!response.ok) throw new Error(`The inspector answers ${response.status}.`);
  return response.json();
}
