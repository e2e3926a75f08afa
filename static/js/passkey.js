// Asks the device for a passkey and sends the form with its answer. Browsers let only a script do that, so the button
// appears here, and a page without scripts says in a <noscript> that it takes one.
//
// <form …><div data-passkey="get|create" data-options="/…/options" data-cancelled="…" data-known="…" data-failed="…"
// data-often="…" data-unable="…"><input type="hidden" name="credential"><button type="button" hidden>…</button><p role="status"></p></div></form>

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

const text = (buffer) =>
  buffer && btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

// What the server asks for comes as JSON, in which bytes are base64url; the browser wants bytes.
const read = (options) => {
  const key = options.publicKey;
  key.challenge = bytes(key.challenge);
  if (key.user) key.user.id = bytes(key.user.id);
  for (const known of [...(key.excludeCredentials ?? []), ...(key.allowCredentials ?? [])]) known.id = bytes(known.id);
  return { publicKey: key };
};

const write = (credential) => {
  const { response } = credential;
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const said = Object.fromEntries(parts.filter((part) => response[part]).map((part) => [part, text(response[part])]));
  if (response.getTransports) said.transports = response.getTransports();
  return JSON.stringify({
    id: credential.id, rawId: text(credential.rawId), type: credential.type, response: said, clientExtensionResults: {},
  });
};

const ask = async (box) => {
  const { passkey, options, often, failed, known, cancelled } = box.dataset;
  const answer = await fetch(options, { method: "POST", headers: { Accept: "application/json" } });
  if (answer.status === 429) return { problem: often };
  // Signed out meanwhile, or too long ago: the page itself asks for what is missing.
  if (answer.redirected || answer.status === 403) return location.reload();
  if (!answer.ok) return { problem: failed };
  try {
    return { credential: write(await navigator.credentials[passkey](read(await answer.json()))) };
  } catch (error) {
    if (error.name === "InvalidStateError") return { problem: known };
    return { problem: error.name === "NotAllowedError" || error.name === "AbortError" ? cancelled : failed };
  }
};

for (const box of document.querySelectorAll("[data-passkey]")) {
  const [field, button, status] = [box.querySelector("input"), box.querySelector("button"), box.querySelector("[role=status]")];
  if (!window.PublicKeyCredential) {
    status.textContent = box.dataset.unable;
    continue;
  }
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (box.dataset.passkey === "create" && !button.form.reportValidity()) return;
    button.disabled = true;
    status.textContent = "";
    const done = await ask(box).catch(() => ({ problem: box.dataset.failed }));
    button.disabled = false;
    if (done?.credential) {
      field.value = done.credential;
      button.form.submit();
    } else if (done) {
      status.textContent = done.problem;
      button.focus();
    }
  });
}
