// <open-letter>, release 1.0. Where something is amiss, the link inside the element is shown.
// Asked: our numbers, without credentials.
// Sent: the page's origin; in links and to the form, its host.
// Kept: nothing. Changed: its own shadow tree.
// Believed: numbers that hold together, words as mere text, its own frame.

(() => {
  const NAME = "open-letter";
  const script = document.currentScript;
  if (!(script instanceof HTMLScriptElement) || customElements.get(NAME)) return;
  if (!CSS.supports("color", "light-dark(red, red)")) return;

  const HOME = new URL(".", script.src);
  const PLACE = location.hostname.replace(/^www\.|\.$/g, "");
  const VIA = `embed:${PLACE}`;
  const SECOND = 1000;
  const EVERY = 8 * SECOND;
  const PATIENCE = 10 * SECOND;
  const MINUTE = 60 * SECOND;
  const LONGEST = 5 * MINUTE;
  const GROUNDS = ["#fdfcf9", "#181715"];
  const ACCENTS = ["#1d4f91", "#9dbdec"];

  const SHEET = new CSSStyleSheet();
  SHEET.replaceSync(`
    :host { display: block; }
    [hidden] { display: none !important; }
    .box {
      all: initial; color-scheme: light dark; --ground: light-dark(${GROUNDS});
      --ink: light-dark(#22201c, #e8e4db); --soft: light-dark(#5e5a52, #aca69b);
      --line: light-dark(#dad6cd, #3b3833);
      position: relative; display: flex; flex-wrap: wrap; align-items: center; gap: 0 2em;
      padding: .5em 1.25em; border: 1px solid var(--line); overflow-wrap: anywhere;
      background: var(--ground); color: var(--ink);
      font: medium/1.45 system-ui, sans-serif; font-variant-numeric: tabular-nums;
    }
    .words { flex: 1 1 15em; padding-block: .5em; }
    p { margin: 0; }
    .title, .figure { font-family: Palatino, serif; line-height: 1.25; }
    .title { margin-block-end: .5em; }
    .figure { font-size: 1.5em; }
    .number { display: inline-grid; }
    .number::after { content: attr(data-to); block-size: 0; visibility: hidden; }
    .line { margin-block: .5em; outline: 1px solid #0000; background: var(--line); }
    i { display: block; border-block-start: 3px solid var(--accent); }
    .small { color: var(--soft); font-size: .875em; }
    a { color: inherit; }
    a:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
    .press a {
      display: flex; align-items: center; min-block-size: 1.75em; padding-block: .5em;
      color: var(--accent); font-weight: 600;
    }
    .button .press a {
      margin-block: .5em; padding-inline: 1.25em; border: 1px solid; border-radius: 4px;
      background: var(--accent); color: var(--ground); text-align: center;
      text-decoration: none;
    }
    iframe { flex: 1 1 100%; inline-size: 100%; border: 0; }
    iframe:not(.there) { block-size: 1px; visibility: hidden; }
    .box:has(.there) { padding: 0; border: 0; .words, .press { display: none; } }
    .aloud { position: absolute; clip-path: inset(50%); }
  `);

  let complained = false;
  function complain(words) {
    if (!complained) console.warn(`<${NAME}>: ${words}`);
    complained = true;
  }

  // No trouble of ours reaches the page.
  function each(shows, act) {
    for (const show of shows) {
      try {
        act(show);
      } catch (problem) {
        complain(problem);
      }
    }
  }

  // Once a frame, however much changes.
  const changed = new Set();
  function redraw(shows) {
    if (!changed.size) requestAnimationFrame(drawChanged);
    for (const show of shows) changed.add(show);
  }
  function drawChanged() {
    const shows = [...changed];
    changed.clear();
    each(shows, (show) => show.draw());
    announce();
  }

  const isNumber = (value) => Number.isSafeInteger(value) && value >= 0;

  // FNV-1a, as in `not_on`.
  function shorthand(name) {
    let total = 0x811c9dc5;
    for (const sign of name) total = Math.imul(total ^ sign.charCodeAt(0), 0x01000193);
    return (total >>> 0).toString(16).padStart(8, "0");
  }
  const HERE = PLACE.split(".").flatMap((_, at, labels) => {
    const site = labels.slice(at).join(".");
    return [shorthand(site), shorthand(`${site}:${location.port}`)];
  });

  // The contrast of WCAG 2.2.
  function isReadable(colour, ground) {
    const ratio = (luminance(colour) + 0.05) / (luminance(ground) + 0.05);
    return Math.max(ratio, 1 / ratio) >= 4.5;
  }
  function luminance(colour) {
    return [0.2126, 0.7152, 0.0722].reduce((sum, share, at) => {
      const part = parseInt(colour.slice(2 * at + 1, 2 * at + 3), 16) / 255;
      return sum + share * (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    }, 0);
  }

  // A text of a letter; what is none throws.
  function prepared([tag, told]) {
    if (!/^https?:/.test(told.url)) throw Error("no address");
    const { format: number } = new Intl.NumberFormat(`${told.spoken}-u-nu-latn`);
    const forms = new Intl.PluralRules(told.spoken);
    const counted = (patterns, value) => patterns[forms.select(value)] ?? patterns.other;
    const say = (patterns, value) => counted(patterns, value).replace("{n}", number(value));
    return { ...told, tag, number, counted, say };
  }

  class Letter {
    shows = new Set();
    failures = 0;
    due = 0;

    constructor(slug) {
      this.slug = slug;
      letters.set(slug, this);
    }

    get visible() {
      return !this.gone && this.numbers && !this.numbers.not_on.some((site) => HERE.includes(site));
    }

    plan() {
      clearTimeout(this.timer);
      if (this.gone || this.busy || document.hidden || !this.shows.size) return;
      this.timer = setTimeout(() => this.ask(), this.due - performance.now());
    }

    hurry() {
      if (!this.failures) this.due = 0;
      this.plan();
    }

    async ask() {
      this.busy = true;
      let wait;
      try {
        wait = await this.look();
        this.failures = 0;
      } catch (problem) {
        complain(`no numbers for the moment (${problem.message})`);
        this.failures += 1;
        wait = Math.max(problem.wait || 0, Math.min(LONGEST, EVERY * 2 ** this.failures));
      }
      this.busy = false;
      this.due = performance.now() + wait * (1 + Math.random() / 4);
      this.plan();
      redraw(this.shows);
    }

    // The only request; `take` checks what it brings.
    async look() {
      const card = !this.texts || performance.now() > this.cardDue;
      const answer = await fetch(`${HOME}${this.slug}/${card ? "card" : "count"}.json`, {
        credentials: "omit",
        cache: "no-cache",
        referrerPolicy: "strict-origin",
        signal: AbortSignal.timeout(PATIENCE),
      });
      const { status, headers } = answer;
      this.gone = [404, 410].includes(status);
      if (this.gone) return LONGEST;
      const wait = Math.min(headers.get("Retry-After"), 3600) * SECOND;
      if (!answer.ok) throw Object.assign(Error(status), { wait });
      this.take(await answer.json(), answer.redirected);
      const [, age = 0] = /max-age=(\d+)/.exec(headers.get("Cache-Control")) ?? [];
      return this.visible ? Math.max(EVERY, age * SECOND) : LONGEST;
    }

    take(told, moved) {
      const { letter, count, goal, being_checked: checking, paper, as_of: moment } = told;
      const right = [count, goal ?? 0, checking, paper].every(isNumber) && Date.parse(moment);
      const ours = letter === this.slug || moved;
      if (!right || !ours || !Array.isArray(told.not_on)) throw Error("no count");
      if (told.texts) {
        this.texts = Object.entries(told.texts).map(prepared);
        this.cardDue = count && !told.names.length ? Infinity : performance.now() + MINUTE;
      }
      // Caches answer in any order.
      const { as_of: before, count: from } = this.numbers ?? {};
      if (before > moment || (before === moment && from > count)) return;
      this.slug = letter;
      this.numbers = told;
      this.value = count || checking;
      if (!before || from === count) return;
      this.news = true;
      if (from && from < count && this.shows.size < 30 && !still.matches) this.rise(from, count);
    }

    rise(from, to) {
      const began = performance.now();
      const step = () => {
        if (this.numbers.count !== to) return;
        const part = Math.min(1, (performance.now() - began) / SECOND);
        this.value = Math.round(from + (to - from) * part);
        each(this.shows, (show) => show.tick());
        if (part < 1) requestAnimationFrame(step);
      };
      this.value = from;
      requestAnimationFrame(step);
    }
  }

  const letters = new Map();
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  // Spoken once a minute at most.
  let quiet = 0;
  function announce() {
    if (performance.now() < quiet || document.hidden) return;
    for (const letter of letters.values()) {
      if (!letter.news) continue;
      letter.news = false;
      quiet = performance.now() + MINUTE;
      each([...letter.shows].slice(0, 1), (show) => show.speak());
    }
  }

  function make(tag, name = "", ...inside) {
    const made = document.createElement(tag);
    made.className = name;
    made.append(...inside);
    return made;
  }

  function put(place, words) {
    place.textContent = words || "";
    place.hidden = !words;
  }

  class Show {
    constructor(host) {
      this.host = host;
    }

    asked(name, form) {
      const value = this.host.getAttribute(name) ?? "";
      return form.test(value) ? value : "";
    }

    join() {
      const slug = this.host.isConnected ? this.asked("letter", /^[a-z\d-]+$/) : "";
      if (slug === this.slug) return;
      this.slug = slug;
      this.unframe();
      this.letter?.shows.delete(this);
      this.letter?.plan();
      this.letter = slug && (letters.get(slug) ?? new Letter(slug));
      if (!slug) return;
      this.letter.shows.add(this);
      this.letter.plan();
    }

    draw() {
      this.join();
      const visible = !!this.letter?.visible;
      if (!this.box && visible) this.build();
      if (!this.box) return;
      if (visible) this.write();
      else if (!this.there || this.letter.gone) this.unframe();
      this.box.hidden = !visible && !this.frame;
      this.slot.hidden = !this.box.hidden;
    }

    build() {
      this.slot = make("slot");
      this.title = make("a");
      this.heading = make("p", "title", this.title);
      this.figure = make("p", "figure");
      this.number = make("span", "number");
      this.bar = make("i");
      this.line = make("div", "line", this.bar);
      this.more = make("p", "small");
      this.standing = make("p", "small");
      this.latest = make("p", "small");
      const lines = [this.line, this.more, this.standing, this.latest];
      const words = make("div", "words", this.heading, this.figure, ...lines);
      this.link = make("a");
      this.press = make("p", "press", this.link);
      this.status = make("p", "aloud");
      this.status.role = "status";
      this.box = make("div", "", this.status, words, this.press);
      this.box.hidden = true;
      this.box.role = "group";
      const root = this.host.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [SHEET];
      root.append(this.slot, this.box);
    }

    write() {
      const { numbers } = this.letter;
      const { state, count, goal, paper, being_checked: checking } = numbers;
      const view = this.asked("view", /^(count|progress|form)$/) || "card";
      const whole = /card|form/.test(view);
      const signable = state === "open" && !numbers.paused;
      this.text = this.choose(this.letter.texts);
      const { words, number, counted, say } = this.text;
      const wishes = this.dress(`${view} ${signable && whole ? "button" : ""}`);

      put(this.title, this.text.title);
      this.heading.hidden = !whole;
      this.title.href = this.link.href = this.text.url.replace("via=embed", `via=${VIA}`);
      put(this.link, signable ? words.sign : words.read);

      const main = count ? words.signed : checking ? words.checking : words.none[state];
      const most = count || checking;
      const [before, ...after] = counted(main, most).split("{n}");
      this.said = say(main, most);
      this.number.dataset.to = number(most);
      this.number.hidden = !after.length;
      this.figure.replaceChildren(before, this.number, ...after);
      this.tick();

      this.line.hidden = !goal || view === "count";
      this.bar.style.inlineSize = `${Math.min(100, (100 * count) / goal)}%`;
      const more = [
        goal && say(words.way[count < goal ? state : "reached"], goal),
        paper && (paper === count ? words.paper_all : say(words.paper, paper)),
        count && checking && say(words.checked, checking),
      ];
      put(this.more, view !== "count" && more.filter(Boolean).join(" \xb7 "));
      put(this.standing, !signable && (words.over[numbers.outcome ?? state] ?? words.paused));
      put(this.latest, view === "card" && this.text.latest);

      if (signable && view === "form") this.showForm(wishes);
      else if (view !== "form" || !this.there) this.unframe();
    }

    dress(name) {
      const { tag, direction, spoken, spoken_direction: way } = this.text;
      const accent = this.asked("accent", /^#[\da-f]{6}$/i);
      const theme = this.asked("theme", /^(light|dark)$/);
      this.box.className = `box ${name}`;
      Object.assign(this.box, { lang: spoken, dir: way, ariaLabel: this.text.title });
      Object.assign(this.title, { lang: tag, dir: direction });
      const pair = ACCENTS.map((ours, at) => (isReadable(accent, GROUNDS[at]) ? accent : ours));
      this.box.style.colorScheme = theme;
      this.box.style.setProperty("--accent", `light-dark(${pair})`);
      if (accent && !pair.includes(accent)) complain(`accent ${accent} cannot be read`);
      return { lang: tag, theme, accent: accent.slice(1), via: VIA };
    }

    choose(texts) {
      const { lang } = this.host.closest("[lang]") ?? document.documentElement;
      const wanted = lang.toLowerCase();
      const [base] = wanted.split("-");
      return (
        texts.find(({ tag }) => tag.toLowerCase() === wanted) ??
        texts.find(({ tag }) => tag.split("-")[0] === base) ??
        texts[0]
      );
    }

    tick() {
      this.number.textContent = this.text.number(this.letter.value);
    }

    speak() {
      this.status.textContent = this.said;
      setTimeout(() => (this.status.textContent = ""), PATIENCE);
    }

    // The link stands there until it is; then it stays, with what is typed.
    showForm(wishes) {
      const href = `${HOME}${this.letter.slug}/form?${new URLSearchParams(wishes)}`;
      if (this.there ? this.tag === wishes.lang : this.frame?.src === href) return;
      if (this.letter.failures) return;
      this.unframe();
      this.tag = wishes.lang;
      this.frame = make("iframe");
      this.frame.onload = () => setTimeout(() => this.miss(), SECOND);
      this.frame.title = this.text.words.form;
      this.frame.loading = "lazy";
      this.frame.referrerPolicy = "strict-origin";
      this.frame.src = href;
      this.box.append(this.frame);
    }

    miss() {
      if (!this.there || --this.there) return;
      this.unframe();
      this.letter.hurry();
    }

    unframe() {
      this.frame?.remove();
      this.frame = null;
      this.there = 0;
    }

    // Of our own frame: a word that is known, a height within bounds.
    hear({ source, origin, data }) {
      if (source !== this.frame?.contentWindow || origin !== HOME.origin) return;
      if (data?.type !== NAME) return;
      if (data.what === "ready") {
        this.frame.className = "there";
        this.there = (this.there || 1) + 1;
      }
      if (data.what === "signed") setTimeout(() => this.letter?.hurry(), PATIENCE / 4);
      if (isNumber(data.height)) this.frame.style.blockSize = `${Math.min(data.height, 10_000)}px`;
    }
  }

  class OpenLetter extends HTMLElement {
    static observedAttributes = ["letter", "view", "lang", "theme", "accent"];
    #show = new Show(this);

    connectedCallback() {
      redraw([this.#show]);
    }

    disconnectedCallback() {
      redraw([this.#show]);
    }

    attributeChangedCallback() {
      redraw([this.#show]);
    }
  }

  customElements.define(NAME, OpenLetter);
  addEventListener("message", (event) => {
    for (const { shows } of letters.values()) each(shows, (show) => show.hear(event));
  });
  document.addEventListener("visibilitychange", () => {
    for (const letter of letters.values()) letter.plan();
    announce();
  });
})();
