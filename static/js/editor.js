// The editor of a letter: marks by button and key, and a preview while typing. Without this file
// the form is as good; its button shows the preview.

const form = document.querySelector("[data-editor]");
const area = form.elements.markdown;
const toolbar = form.querySelector(".toolbar");
const live = form.querySelector(".live");
const frame = live.querySelector("iframe");
const PAUSE = 400; // milliseconds without a key after which the preview is made anew

// Marks. The browser's own way of inserting is the only one that undo knows.

const replace = (from, to, words, begin, end) => {
  area.focus();
  area.setSelectionRange(from, to);
  if (!document.execCommand("insertText", false, words)) {
    area.setRangeText(words, from, to, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
  area.setSelectionRange(begin, end);
};

const around = (before, after) => () => {
  const { selectionStart: from, selectionEnd: to, value } = area;
  const words = value.slice(from, to);
  const outside = value.slice(from - before.length, from) === before && value.slice(to, to + after.length) === after;
  if (outside && words) {
    replace(from - before.length, to + after.length, words, from - before.length, to - before.length);
    return;
  }
  replace(from, to, before + words + after, from + before.length, to + before.length);
};

const link = () => {
  const { selectionStart: from, selectionEnd: to, value } = area;
  const words = value.slice(from, to);
  if (/^https?:\/\/\S+$/.test(words)) {
    replace(from, to, `[](${words})`, from + 1, from + 1);
    return;
  }
  const begin = from + words.length + 3;
  replace(from, to, `[${words}](https://)`, words ? begin : from + 1, words ? begin + 8 : from + 1);
};

const lines = (mark) => () => {
  const { selectionStart, selectionEnd, value } = area;
  const from = value.lastIndexOf("\n", selectionStart - 1) + 1;
  const next = value.indexOf("\n", selectionEnd);
  const to = next < 0 ? value.length : next;
  const chosen = value.slice(from, to).split("\n");
  const marked = chosen.every((line) => line.startsWith(mark));
  const words = chosen.map((line) => (marked ? line.slice(mark.length) : mark + line)).join("\n");
  replace(from, to, words, from + words.length, from + words.length);
};

const marks = {
  bold: around("**", "**"),
  italic: around("*", "*"),
  link,
  heading: lines("## "),
  quote: lines("> "),
  list: lines("- "),
};
const keys = { b: "bold", i: "italic", k: "link" };

area.before(toolbar);
toolbar.hidden = false;
toolbar.addEventListener("click", (event) => {
  const button = event.target.closest("[data-mark]");
  if (button) marks[button.dataset.mark]();
});
form.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  const key = event.key.toLowerCase();
  if (key === "s") {
    event.preventDefault();
    form.requestSubmit();
  } else if (event.target === area && keys[key]) {
    event.preventDefault();
    marks[keys[key]]();
  }
});

// The preview: the page that the server makes of these words, in a frame that runs nothing.

let asked;
let waiting;

const show = async () => {
  asked?.abort();
  asked = new AbortController();
  const late = live.querySelector("[data-late]");
  try {
    const answer = await fetch(form.dataset.preview, {
      method: "POST",
      body: new FormData(form),
      signal: asked.signal,
      redirect: "error",
    });
    late.hidden = answer.ok;
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const script of page.querySelectorAll("script")) script.remove();
    page.body.inert = true;
    const top = frame.contentWindow?.scrollY ?? 0;
    frame.addEventListener("load", () => frame.contentWindow.scrollTo({ top, behavior: "instant" }), { once: true });
    frame.srcdoc = `<!doctype html>${page.documentElement.outerHTML}`;
  } catch (problem) {
    if (problem.name !== "AbortError") late.hidden = false;
  }
};

live.hidden = false;
form.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(show, PAUSE);
});
if (live.offsetParent !== null) show();
