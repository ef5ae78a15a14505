// Forms that are answered by a passkey. Without this file, or where the browser knows no passkeys,
// they stay hidden, and the page offers another way.

const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

const described = (list) => (list ?? []).map((each) => ({ ...each, id: bytes(each.id) }));

const ask = {
  get: (task) => ({
    ...task,
    challenge: bytes(task.challenge),
    allowCredentials: described(task.allowCredentials),
  }),
  create: (task) => ({
    ...task,
    challenge: bytes(task.challenge),
    user: { ...task.user, id: bytes(task.user.id) },
    excludeCredentials: described(task.excludeCredentials),
  }),
};

const said = (credential) => {
  const { response } = credential;
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const known = parts.filter((part) => response[part]);
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: {
      ...Object.fromEntries(known.map((part) => [part, text(response[part])])),
      transports: response.getTransports?.() ?? [],
    },
  });
};

const answer = async (form) => {
  const kind = form.dataset.passkey;
  const asked = await fetch(form.dataset.challenge, {
    method: "POST",
    body: new URLSearchParams({ csrf_token: form.elements.csrf_token.value }),
  });
  if (asked.status === 403) {
    location.assign(form.dataset.proof);
    return null;
  }
  if (!asked.ok) {
    throw new Error(`challenge ${asked.status}`);
  }
  const options = { publicKey: ask[kind](await asked.json()) };
  return said(await navigator.credentials[kind](options));
};

const enliven = (form) => {
  const field = [...form.elements].find((each) => each.name.endsWith("credential"));
  const problem = form.querySelector("[role=alert]");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.hidden = true;
    try {
      const value = await answer(form);
      if (value) {
        field.value = value;
        form.submit();
      }
    } catch {
      problem.hidden = false;
    }
  });
};

if (window.PublicKeyCredential && navigator.credentials) {
  document.querySelectorAll("form[data-passkey]").forEach(enliven);
}
