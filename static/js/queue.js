// The queue under one's hands: keys, decisions that change a row in its place, rows chosen
// together, and what colleagues do meanwhile. Without this file each button is a form, and the
// page that comes next says what was done.

const hands = document.getElementById("hands");
const words = hands.dataset;
const rows = [...document.querySelectorAll("[data-signature]")];
const seen = new Map(rows.map((row) => [row, row.dataset.state]));

// Set apart from the direction of the words around it.
const filled = (text, value) => text.replace("{}", () => `\u2068${value}\u2069`);
const named = (row) => row.querySelector(".name").textContent.trim();
const made = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);

// What is said to those who do not see it: at most so often, and nothing is left out.

const BREATH = 3000; // ms
const heard = document.getElementById("heard");
let unsaid = [];
let breathing = 0;

const speak = () => {
  breathing = 0;
  if (!unsaid.length) return;
  heard.textContent = unsaid.join(" ");
  unsaid = [];
  breathing = setTimeout(speak, BREATH);
};

const say = (text) => {
  unsaid.push(text);
  if (!breathing) speak();
};

// The same for those who do see, where no row shows it.

const shown = hands.querySelector(".shown");
let fading = 0;

const tell = (text) => {
  say(text);
  shown.textContent = text;
  shown.hidden = false;
  clearTimeout(fading);
  fading = setTimeout(() => (shown.hidden = true), 2 * BREATH);
};

// Where one is: the row that has the focus, or had it last. Who points at things sees where that
// is; for them nothing is scrolled.

let here = null;
let pointing = false;
let active = 0; // when something was pressed last

for (const kind of ["pointerdown", "keydown"]) {
  const press = () => {
    pointing = kind === "pointerdown";
    active = Date.now();
  };
  addEventListener(kind, press, true);
}

const stand = (row) => {
  if (row === here) return;
  here?.removeAttribute("aria-current");
  here = row;
  here.setAttribute("aria-current", "true");
  soon();
};

const focus = (element) => element?.focus({ preventScroll: pointing });
const go = (row) => focus(row.querySelector("summary") ?? row.querySelector("a, button"));
const over = (row) => row.dataset.state !== seen.get(row);
const further = () => document.querySelector("a[rel=next]");

const step = (by) => {
  const at = rows.indexOf(here);
  const to = rows[here ? at + by : 0];
  if (to) go(to);
  else if (by > 0) focus(further());
};

for (const row of rows) {
  for (const kind of ["focusin", "pointerdown"]) row.addEventListener(kind, () => stand(row));
}

// A row says in its place what became of it, and keeps its height: what stands below stays where a
// finger may be about to come down.

for (const row of rows) {
  const mark = made("mark");
  mark.id = `mark-${row.dataset.signature}`;
  row.querySelector("details").after(mark);
  const heardWith = `${mark.id} outcome-${row.dataset.signature}`;
  row.querySelector("summary").setAttribute("aria-describedby", heardWith);
}

const actsOf = (row) => row.querySelector(".acts") ?? row.appendChild(made("acts"));

const problem = (row, text) => {
  row.querySelector(".trouble")?.remove();
  if (!text) return;
  const trouble = made("trouble");
  trouble.textContent = text;
  actsOf(row).append(trouble);
};

const mark = (row, what, text) => {
  const said = row.querySelector(`.mark .${what}`);
  if (said.textContent !== text) said.textContent = text;
};

const show = (row, { state, told, undo, decision }) => {
  row.dataset.state = state;
  row.dataset.decision = decision;
  mark(row, "back", over(row) ? "" : told);
  row.querySelector(".outcome")?.remove();
  const outcome = made("outcome");
  const what = outcome.querySelector(".state");
  what.classList.add(state);
  what.textContent = told;
  what.id = `outcome-${row.dataset.signature}`;
  const button = outcome.querySelector("button");
  if (button && undo) {
    button.setAttribute("formaction", undo);
    button.setAttribute("aria-describedby", `name-${row.dataset.signature}`);
  } else button?.remove();
  const acts = actsOf(row);
  if (over(row)) acts.append(outcome);
  acts.classList.toggle("over", over(row));
  for (const form of row.querySelectorAll(".offers form")) form.reset();
  const tick = tickOf(row);
  if (tick) {
    tick.disabled = over(row);
    tick.checked &&= !over(row);
    number();
  }
};

// Deciding: what the row's button would send is sent, and its answer shown in the row.

const KEPT = `done ${words.attention}`;
const done = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]"); // where it is undone; latest last
const keep = () => sessionStorage.setItem(KEPT, JSON.stringify(done));
let doing = Promise.resolve();

const post = async (address, fields) => {
  const body = new URLSearchParams(fields);
  const answer = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" } });
  if (answer.status >= 500) throw new Error(`${answer.status}`);
  const known = answer.headers.get("Content-Type")?.startsWith("application/json");
  return [answer.ok, known ? await answer.json() : null];
};

const send = async (button, row, more) => {
  const { form, formAction } = button;
  const sent = Object.fromEntries([...new FormData(form, button), ...more]);
  const [taken, told] = await post(formAction, sent);
  if (!told) {
    form.action = formAction;
    form.submit(); // signed out, perhaps: the page that comes says so
    return;
  }
  if (told.row && told.row.state !== row.dataset.state) show(row, told.row);
  if (taken && told.row?.undo) done.push(told.row.undo);
  else if (!taken && !over(row)) problem(row, told.said);
  keep();
  shown.hidden = true; // it is not the latest any more
  say(told.said);
  soon();
};

const busy = (row) => row.getAttribute("aria-busy") === "true";

const decide = (button, row, more = []) => {
  if (busy(row)) return;
  row.setAttribute("aria-busy", "true");
  problem(row, "");
  // One stays there until one goes on: a key pressed by habit neither skips a row nor hits another.
  const within = row.contains(document.activeElement) || document.activeElement === document.body;
  if (within) go(row);
  doing = send(button, row, more)
    .catch(() => {
      problem(row, words.unsent);
      say(`${named(row)}: ${words.unsent}`);
    })
    .then(() => row.removeAttribute("aria-busy"));
};

const buttonFor = (row, what) => row.querySelector(`.offers button[formaction*="/${what}"]`);

const publish = () => {
  const button = here && buttonFor(here, "publish");
  const unsure = here?.querySelector(".offers .further");
  if (here && over(here)) tell(words.cannot);
  else if (button) decide(button, here);
  else if (unsure) {
    unsure.click();
    tell(words.unsure);
  } else tell(words.cannot);
};

const undo = async () => {
  await doing;
  const address = done.pop();
  keep();
  const button = address && document.querySelector(`.acts button[formaction="${address}"]`);
  if (!address) tell(words.nothing);
  else if (button) {
    const row = button.closest("[data-signature]");
    go(row);
    decide(button, row);
  } else {
    const [, told] = await post(address, [["csrf_token", token]]).catch(() => [false, null]);
    tell(told?.said ?? words.unsent);
    soon();
  }
};

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  const row = button?.closest("[data-signature]");
  if (!row || !button.closest(".acts")) return;
  event.preventDefault();
  if (button === buttonFor(row, "reject") && !event.target.elements.reason?.value) choose(row);
  else decide(button, row);
});

// What is seldom done stands on the page of the signature, and is fetched from there: to verify it,
// to write a note, to hand it over.

const act = document.getElementById("act");

const bring = async (link, row) => {
  const story = row.querySelector("details");
  const way = story.querySelector(".further");
  if (way.matches("a")) {
    const page = await (await fetch(link.href)).text();
    const found = new DOMParser().parseFromString(page, "text/html").querySelector(".further");
    if (!found) throw new Error("signed out, perhaps");
    for (const { elements } of found.querySelectorAll("form")) {
      for (const name of ["at", "back"]) elements[name].value = act.elements[name]?.value ?? "";
    }
    way.replaceWith(found);
  }
  story.open = true;
  const field = link.hash ? document.getElementById(link.hash.slice(1)) : null;
  (field ?? story.querySelector(".further :is(button, textarea, summary)"))?.focus();
};

document.addEventListener("click", (event) => {
  const link = event.target.closest("a.further");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  bring(link, link.closest("[data-signature]")).catch(() => location.assign(link.href));
});

// Why something is rejected: by number, by arrows, or by a press.

let menu = null;
let tells = false; // whether whoever is rejected from now on gets a mail about it

const close = () => {
  const closing = menu;
  menu = null;
  closing?.remove();
};

const choose = (row) => {
  const button = buttonFor(row, "reject");
  if (!button || over(row)) {
    tell(words.cannot);
    return;
  }
  close();
  menu = made("chooser");
  menu.setAttribute("aria-label", filled(words.why, named(row)));
  menu.querySelector(".whose").textContent = filled(words.why, named(row));
  for (const item of menu.querySelectorAll("[role=menuitem]")) {
    item.addEventListener("click", () => {
      go(row);
      close();
      decide(button, row, [["reason", item.value], ...(tells ? [["tells", "y"]] : [])]);
    });
  }
  const box = menu.querySelector("[role=menuitemcheckbox]");
  box.setAttribute("aria-checked", tells);
  box.addEventListener("click", () => {
    tells = !tells;
    box.setAttribute("aria-checked", tells);
  });
  menu.addEventListener("keydown", (event) => among(event, row));
  menu.addEventListener("focusout", (event) => {
    if (menu && !menu.contains(event.relatedTarget)) close();
  });
  actsOf(row).append(menu);
  menu.classList.toggle("up", menu.getBoundingClientRect().bottom > innerHeight);
  focus(menu.querySelector("button"));
};

const among = (event, row) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const items = [...menu.querySelectorAll("button")];
  const at = items.indexOf(document.activeElement);
  const to = {
    ArrowDown: (at + 1) % items.length,
    ArrowUp: (at - 1 + items.length) % items.length,
    Home: 0,
    End: items.length - 1,
  }[event.key];
  const chosen = items.find((each) => each.querySelector("kbd").textContent === event.key);
  if (event.key === "Escape") {
    go(row);
    close();
  } else if (chosen) chosen.click();
  else if (to !== undefined) items[to].focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
};

// Choosing several: one by one, from here to there, or all of the page.

const bar = document.getElementById("many");
const all = document.getElementById("all");
const counted = new Map([...(bar?.querySelectorAll("[data-words]") ?? [])].map((each) => [each, each.textContent]));
const tickOf = (row) => row.querySelector("input[type=checkbox][name=signature]");
let latest = null;

const number = () => {
  if (!bar) return;
  const ticks = rows.map(tickOf).filter((tick) => tick && !tick.disabled);
  const chosen = ticks.filter((tick) => tick.checked).length;
  const several = chosen > 0 && bar.elements.scope.value === "selection";
  bar.classList.toggle("chosen", chosen > 0);
  for (const [each, plain] of counted) {
    each.textContent = several ? each.dataset.words.replace("{}", chosen) : plain;
  }
  if (!all) return;
  all.checked = chosen > 0 && chosen === ticks.length;
  all.indeterminate = chosen > 0 && chosen < ticks.length;
};

const tick = (box, ranging) => {
  const boxes = rows.map(tickOf).filter((each) => each && !each.disabled);
  const [from, to] = [boxes.indexOf(latest), boxes.indexOf(box)].sort((one, other) => one - other);
  if (ranging && from >= 0) for (const each of boxes.slice(from, to)) each.checked = box.checked;
  latest = box;
  number();
};

for (const row of rows) tickOf(row)?.addEventListener("click", (event) => tick(event.target, event.shiftKey));
bar?.addEventListener("change", () => number());
all?.addEventListener("change", () => {
  for (const each of rows.map(tickOf)) if (each && !each.disabled) each.checked = all.checked;
  number();
});

// Keys, which can be switched off: those who speak to their computer type by accident.

const help = document.getElementById("keys");
const wanted = help.querySelector("input");

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  o: () => {
    const story = here?.querySelector("details");
    if (story) story.open = !story.open;
  },
  x: () => here && tickOf(here)?.click(),
  a: publish,
  r: () => here && choose(here),
  u: undo,
  "/": () => document.querySelector("input[type=search]")?.focus(),
  "?": () => help.showModal(),
};
const ONCE = "arux";

document.addEventListener("keydown", (event) => {
  const act = KEYS[event.key];
  const typing = event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, dialog");
  if (!act || typing || event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
  if (!wanted.checked && event.key !== "?") return;
  event.preventDefault();
  if (event.repeat && ONCE.includes(event.key)) return;
  act();
});

wanted.checked = localStorage.getItem("keys") !== "off";
wanted.addEventListener("change", () => localStorage.setItem("keys", wanted.checked ? "on" : "off"));
hands.querySelector("button").addEventListener("click", () => help.showModal());

// Colleagues: who looks at what, what they have decided, and what came since.

const EVERY = 5000; // ms
const IDLE = 120_000; // ms after which one looks at nothing any more
const token = document.querySelector("[name=csrf_token]")?.value;
const present = hands.querySelector(".present");
const news = hands.querySelector(".news a");
const SOON = 500; // ms after something was done here
let next = 0;
let at = 0; // when that is
let failed = 0;

const later = (pause) => {
  clearTimeout(next);
  at = Date.now() + pause;
  next = setTimeout(listen, pause);
};
const soon = () => {
  if (at - Date.now() > SOON || at < Date.now()) later(SOON);
};

const watched = (others) => {
  for (const row of rows) {
    const who = others.filter((each) => String(each.signature) === row.dataset.signature);
    mark(row, "watched", who.map((each) => filled(words.looking, each.who)).join(" "));
  }
  const elsewhere = others.map((each) => each.who).join(", ");
  present.textContent = elsewhere && filled(words.present, elsewhere);
};

// An answer may be older than what was done here since.
const isNews = (row, { state, decision }) =>
  state !== row.dataset.state && decision >= Number(row.dataset.decision ?? 0);

const compare = (changed) => {
  const told = changed
    .map((each) => [rows.find((row) => row.dataset.signature === String(each.signature)), each])
    .filter(([row, each]) => row && !busy(row) && isNews(row, each));
  for (const [row, each] of told) show(row, each);
  if (told.length === 1) say(`${named(told[0][0])}: ${told[0][1].told}.`);
  else if (told.length) say(filled(words.decided, told.length));
};

const announce = (text, address) => {
  const link = text && words.news.replace("{}", text);
  if (news.textContent === link) return;
  news.textContent = link;
  news.href = address;
  news.hidden = !text;
  if (text) say(`${text}.`);
};

const listen = async () => {
  if (document.visibilityState !== "visible") return;
  const known = rows.map((row) => ["row", `${row.dataset.signature}-${row.dataset.state}`]);
  const looked = Date.now() - active < IDLE ? (here?.dataset.signature ?? "") : "";
  const sent = [["csrf_token", token], ["since", words.since], ["signature", looked], ...known];
  try {
    const answer = await fetch(words.attention, { method: "POST", body: new URLSearchParams(sent) });
    if (!answer.ok) throw new Error(`${answer.status}`);
    const { others, rows: changed, numbers, news: fresh, new: address } = await answer.json();
    failed = 0;
    watched(others);
    compare(changed);
    announce(fresh, address);
    for (const [tab, count] of Object.entries(numbers)) {
      for (const each of document.querySelectorAll(`[data-number="${tab}"]`)) each.textContent = count;
    }
  } catch {
    failed += 1;
  }
  if (failed < 10) later((EVERY + Math.random() * 1000) * 2 ** Math.min(failed, 4));
};

document.addEventListener("visibilitychange", () => later(0));
hands.hidden = false;
number();
soon();
