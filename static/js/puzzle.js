// The proof of work that goes with a signature: asked for when the form is first touched, solved
// beside the page while somebody types, handed in with the form. Where something of that is not to
// be had, the form leaves without it, as it does without this file.

const FRESH = 20 * 60_000; // the site takes a solution for longer
const PATIENCE = 15_000; // then the form leaves as it is
const NOTICED = 500; // who waits for less is told nothing
const TWICE = 10_000; // a press so soon after another is the same press

const form = document.getElementById("sign");
const field = form.querySelector("input[name=puzzle]");
const told = form.querySelector("[data-wait]");

let solution = null; // or the promise of one
let begun = 0;
let waiting = false;
let sent = 0;

const answer = (worker) =>
  new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => (data ? resolve(data) : reject(new Error("unsolved")));
    worker.onerror = reject;
  });

async function solve() {
  const response = await fetch(field.dataset.puzzle, { cache: "no-store" });
  if (!response.ok) throw new Error(response.statusText);
  const challenge = await response.json();
  const worker = new Worker(field.dataset.solver);
  try {
    worker.postMessage(challenge.parameters);
    return btoa(JSON.stringify({ challenge, solution: await answer(worker) }));
  } finally {
    worker.terminate();
  }
}

function begin() {
  begun = Date.now();
  solution = solve().catch(() => {
    solution = null; // tried once more when the form is sent
    return "";
  });
}

function touched() {
  if (!solution && !waiting) begin();
}

async function leave(event) {
  if (event.defaultPrevented || !event.isTrusted) return;
  event.preventDefault();
  if (waiting || Date.now() - sent < TWICE) return;
  waiting = true;
  if (!solution || Date.now() - begun > FRESH) begin();
  const notice = setTimeout(() => (told.textContent = told.dataset.wait), NOTICED);
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, ""));
  field.value = await Promise.race([solution, late]);
  clearTimeout(notice);
  solution = null; // each is taken once
  waiting = false;
  // Sent by whoever takes that upon them, as frame.js does; else by the browser.
  if (!form.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }))) return;
  sent = Date.now();
  form.submit();
}

// The browser brings the page back as it was left.
function back(event) {
  if (!event.persisted) return;
  sent = 0;
  told.textContent = "";
}

// The numbers of a letter say which sites lead to it: the name of the site, and nothing beyond.
function tellWhence() {
  const said = form.elements.via;
  if (said.value || !document.referrer) return;
  const { host, hostname } = new URL(document.referrer);
  if (host !== location.host) said.value = `${said.dataset.way}:${hostname}`;
}

tellWhence();
if (field && told && window.isSecureContext && window.crypto?.subtle && window.Worker) {
  form.addEventListener("focusin", touched);
  form.addEventListener("input", touched);
  form.addEventListener("submit", leave);
  window.addEventListener("pageshow", back);
  if (document.getElementById("problems")) begin();
}
