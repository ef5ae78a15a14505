// <open-letter>, release 1.0. Where something is amiss, the link inside the element is shown.

(() => {
  const NAME = "open-letter";
  const script = document.currentScript;
  const able = window.CSS?.supports("color", "light-dark(red, red)");
  if (!able || !(script instanceof HTMLScriptElement) || customElements.get(NAME)) return;

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
      font: medium/1.45 system-ui, sans-serif; font-variant-numeric: tabular-nums lining-nums;
    }
    .light { color-scheme: light; }
    .dark { color-scheme: dark; }
    .words { flex: 1 1 15em; padding-block: .5em; }
    p { margin: 0; }
    .title, .figure {
      font-family: "Iowan Old Style", Palatino, Georgia, serif; line-height: 1.25;
    }
    .title { margin-block-end: .5em; }
    .figure { font-size: 1.5em; }
    .number { display: inline-grid; }
    .number::after { content: attr(data-to); block-size: 0; visibility: hidden; }
    .line { margin-block: .625em .375em; background: var(--line); }
    i { display: block; block-size: 3px; background: var(--accent); }
    .small { color: var(--soft); font-size: .875em; }
    a { color: inherit; text-decoration-thickness: 1px; }
    a:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
    .press a {
      display: flex; align-items: center; min-block-size: 2.75em; color: var(--accent);
      font-weight: 600;
    }
    .button .press a {
      box-sizing: border-box; margin-block: .5em; padding: .25em 1.25em; border: 1px solid;
      border-radius: 4px; background: var(--accent); color: var(--ground); text-align: center;
      text-decoration: none;
    }
    .count .words { flex: 0 1 auto; }
    iframe { flex: 1 1 100%; inline-size: 100%; border: 0; }
    .waiting { block-size: 1px; visibility: hidden; }
    .box:has(.there) { padding: 0; border: 0; }
    .words:has(~ .there), .press:has(~ .there) { display: none; }
    .spoken { position: absolute; inset: 0; clip-path: inset(50%); }
    @media (forced-colors: active) {
      .line { border: 1px solid; }
      i { background: Highlight; forced-color-adjust: none; }
    }
  `);

  let complained = false;
  function complain(words) {
    if (!complained) console.warn(`<${NAME}>: ${words}`);
    complained = true;
  }

  // No trouble of ours reaches the page.
  function all(shows, act, given) {
    for (const each of shows) {
      try {
        each[act](given);
      } catch (problem) {
        complain(problem);
      }
    }
  }

  const isNumber = (value) => Number.isSafeInteger(value) && value >= 0;
  const fill = (pattern, words) => pattern.replace("{n}", () => words);

  // FNV-1a of 32 bits stands for a site in `not_on`.
  function shorthand(name) {
    let total = 0x811c9dc5;
    for (const each of name) total = Math.imul(total ^ each.charCodeAt(0), 0x01000193);
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
    const [red, green, blue] = [1, 3, 5].map((at) => {
      const part = parseInt(colour.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }

  // A text of a letter, made ready to be shown; what is none throws.
  function readable([tag, told]) {
    if (!/^https?:/.test(told.url)) throw Error("no address");
    const numbers = new Intl.NumberFormat(`${told.spoken}-u-nu-latn`);
    const forms = new Intl.PluralRules(told.spoken);
    const number = (value) => numbers.format(value);
    const counted = (patterns, value) => patterns[forms.select(value)] ?? patterns.other;
    const say = (patterns, value) => fill(counted(patterns, value), number(value));
    return { ...told, tag, number, counted, say };
  }

  // However many elements show it.
  class Letter {
    shows = new Set();
    failures = 0;
    due = 0;

    constructor(slug) {
      this.slug = slug;
      letters.set(slug, this);
    }

    get visible() {
      return !this.gone && this.numbers && !this.numbers.not_on.some((each) => HERE.includes(each));
    }

    plan() {
      clearTimeout(this.timer);
      if (this.gone || this.busy || document.hidden || !this.shows.size) return;
      this.timer = setTimeout(() => this.ask(), this.due - performance.now());
    }

    hurry() {
      this.due = 0;
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
      all(this.shows, "draw");
    }

    async look() {
      const card = !this.texts || performance.now() > this.cardDue;
      const answer = await fetch(new URL(`${this.slug}/${card ? "card" : "count"}.json`, HOME), {
        credentials: "omit",
        cache: "no-cache",
        referrerPolicy: "strict-origin",
        signal: AbortSignal.timeout(PATIENCE),
      });
      const { status, headers } = answer;
      this.gone = [404, 410].includes(status);
      if (this.gone) return LONGEST;
      const wait = Math.min(headers.get("Retry-After"), 3600) * SECOND;
      if (!answer.ok) throw { message: status, wait };
      this.take(await answer.json(), answer.redirected);
      const [, age = 0] = /max-age=(\d+)/.exec(headers.get("Cache-Control")) ?? [];
      return this.visible ? Math.max(EVERY, age * SECOND) : LONGEST;
    }

    take(told, moved) {
      const { letter, count, goal, being_checked: checking, paper, as_of: moment } = told;
      const right = [count, goal ?? 0, checking, paper].every(isNumber) && Date.parse(moment);
      if (!right || !told.not_on.map || (letter !== this.slug && !moved)) throw Error("no count");
      if (told.texts) {
        this.texts = Object.entries(told.texts).map(readable);
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
      setTimeout(announce);
      if (from && from < count && this.shows.size < 30 && !still.matches) this.rise(from, count);
    }

    rise(from, to) {
      const began = performance.now();
      const step = () => {
        if (this.numbers.count !== to) return;
        const part = Math.min(1, (performance.now() - began) / SECOND);
        this.value = Math.round(to - (to - from) * (1 - part) ** 3);
        all(this.shows, "tick");
        if (part < 1) requestAnimationFrame(step);
      };
      this.value = from;
      requestAnimationFrame(step);
    }
  }

  const letters = new Map();
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");

  // New numbers are spoken once a minute at most.
  let speaking;
  function announce() {
    if (speaking || document.hidden) return;
    speaking = setTimeout(() => announce((speaking = 0)), MINUTE);
    for (const letter of letters.values()) {
      if (letter.news) all([...letter.shows].slice(0, 1), "speak");
      letter.news = false;
    }
  }

  function make(tag, name, ...inside) {
    const made = document.createElement(tag);
    made.className = name;
    made.append(...inside);
    return made;
  }

  function put(place, words) {
    if (place.textContent !== words) place.textContent = words || "";
    place.hidden = !words;
  }

  // One element.
  class Show {
    constructor(host) {
      this.host = host;
    }

    // An attribute; the last of those that are known, where it is none of them.
    asked(name, ...known) {
      const value = this.host.getAttribute(name) ?? "";
      return !known[0] || known.includes(value) ? value : known.at(-1);
    }

    join() {
      this.leave();
      const slug = this.asked("letter");
      if (this.host.isConnected && /^[a-z\d-]+$/.test(slug)) {
        this.letter = letters.get(slug) ?? new Letter(slug);
        this.letter.shows.add(this);
        this.letter.plan();
      }
      this.draw();
    }

    leave() {
      this.unframe();
      this.letter?.shows.delete(this);
      this.letter?.plan();
      this.letter = null;
    }

    draw() {
      const visible = !!this.letter?.visible;
      if (!this.box && visible) this.build();
      if (!this.box) return;
      if (visible) this.fill();
      else this.unframe();
      this.slot.hidden = visible;
      this.box.hidden = !visible;
    }

    build() {
      this.slot = make("slot", "");
      this.title = make("a", "");
      this.heading = make("p", "title", this.title);
      this.figure = make("p", "figure");
      this.number = make("span", "number");
      this.bar = make("i", "");
      this.line = make("div", "line", this.bar);
      this.more = make("p", "small");
      this.standing = make("p", "small");
      this.latest = make("p", "small");
      const lines = [this.line, this.more, this.standing, this.latest];
      const words = make("div", "words", this.heading, this.figure, ...lines);
      this.link = make("a", "");
      this.press = make("p", "press", this.link);
      this.status = make("p", "spoken");
      this.status.setAttribute("role", "status");
      this.box = make("div", "", this.status, words, this.press);
      this.box.hidden = true;
      const root = this.host.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [SHEET];
      root.append(this.slot, this.box);
    }

    fill() {
      const { numbers } = this.letter;
      const { state, count, goal, paper, being_checked: checking } = numbers;
      const view = this.asked("view", "count", "progress", "form", "card");
      const whole = /card|form/.test(view);
      const signable = state === "open" && !numbers.paused;
      this.text = this.spoken(this.letter.texts);
      const { words, number, counted, say } = this.text;
      const wishes = this.dress(`${view} ${signable && whole ? "button" : ""}`);

      put(this.title, this.text.title);
      this.heading.hidden = !whole;
      this.title.href = this.link.href = this.text.url.replace("via=embed", `via=${VIA}`);
      put(this.link, signable ? words.sign : words.read);

      const main = count ? words.signed : checking ? words.checking : words.none[state];
      const most = count || checking;
      const [before, after] = counted(main, most).split("{n}");
      this.said = say(main, most);
      this.number.dataset.to = number(most);
      this.number.hidden = after === undefined;
      this.figure.replaceChildren(before, this.number, after ?? "");
      this.tick();

      this.line.hidden = !goal || view === "count";
      this.bar.style.inlineSize = `${goal ? Math.min(100, (100 * count) / goal) : 0}%`;
      const more = [
        goal && fill(words.way[count < goal ? state : "reached"], number(goal)),
        paper && say(words.paper, paper),
        count && checking && say(words.checked, checking),
      ];
      put(this.more, view !== "count" && more.filter(Boolean).join(" · "));
      put(this.standing, !signable && (words.over[numbers.outcome ?? state] ?? words.paused));
      put(this.latest, view === "card" && this.text.latest);

      if (signable && view === "form") this.sign(wishes);
      else this.unframe();
    }

    dress(name) {
      const { tag, direction, spoken, spoken_direction: way } = this.text;
      const accent = this.asked("accent");
      const theme = this.asked("theme", "light", "dark", "auto");
      this.box.className = `box ${theme} ${name}`;
      Object.assign(this.box, { lang: spoken, dir: way });
      Object.assign(this.title, { lang: tag, dir: direction });
      const wanted = /^#[\da-f]{6}$/i.test(accent);
      const pair = GROUNDS.map((ground, at) =>
        wanted && isReadable(accent, ground) ? accent : ACCENTS[at],
      );
      this.box.style.setProperty("--accent", `light-dark(${pair})`);
      if (accent && !pair.includes(accent)) complain(`accent ${accent} cannot be read`);
      return { lang: tag, theme, accent: accent.slice(1), via: VIA };
    }

    spoken(texts) {
      const { lang } = this.host.closest("[lang]") ?? document.documentElement;
      const [wanted, base] = /([^-]*).*/.exec(lang.toLowerCase());
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

    // Until the frame says that it is there, the link stands in its place.
    sign(wishes) {
      const { href } = new URL(`${this.letter.slug}/form?${new URLSearchParams(wishes)}`, HOME);
      if (!this.frame) {
        this.frame = make("iframe", "");
        const how = { loading: "lazy", referrerPolicy: "strict-origin" };
        this.box.append(Object.assign(this.frame, how));
      }
      this.frame.title = this.text.words.form;
      if (this.frame.src === href) return;
      this.frame.className = "waiting";
      this.frame.src = href;
    }

    unframe() {
      this.frame?.remove();
      this.frame = null;
    }

    hear({ source, origin, data }) {
      if (!this.frame || source !== this.frame.contentWindow || origin !== HOME.origin) return;
      if (data?.type !== NAME) return;
      if (data.what === "ready") this.frame.className = "there";
      if (data.what === "signed") {
        this.letter.hurry();
        setTimeout(() => this.letter?.hurry(), PATIENCE / 3); // caches may lag behind
      }
      if (isNumber(data.height)) this.frame.style.blockSize = `${Math.min(data.height, 10_000)}px`;
    }
  }

  class OpenLetter extends HTMLElement {
    static observedAttributes = ["letter", "view", "lang", "theme", "accent"];
    #show = [new Show(this)];

    connectedCallback() {
      all(this.#show, "join");
    }

    disconnectedCallback() {
      all(this.#show, "leave");
    }

    attributeChangedCallback(name) {
      all(this.#show, name === "letter" ? "join" : "draw");
    }
  }

  customElements.define(NAME, OpenLetter);
  window.addEventListener("message", (event) => {
    for (const { shows } of letters.values()) all(shows, "hear", event);
  });
  document.addEventListener("visibilitychange", () => {
    for (const each of letters.values()) each.plan();
    announce();
  });
})();
