// Tells the page around a frame that this one is there, how high it is, and that somebody has
// signed; nothing else, and to whoever is around, since all of it is to be seen there. It listens
// to nobody. Without it the frame keeps the height it was given, and scrolls.

const { body } = document;
const { step } = body.dataset;

const tell = (what) => {
  const height = Math.ceil(body.getBoundingClientRect().height);
  window.parent.postMessage({ type: "open-letter", what, height }, "*");
};

// What is wrong, or what comes next, is where the reader looks on, however far the page around has
// been scrolled.
const first = document.getElementById("problems") ?? (step && document.querySelector("h1"));
if (first) {
  first.tabIndex = -1;
  first.focus();
}

if (window.parent !== window) {
  document.documentElement.classList.add("measured");
  tell("ready");
  if (step === "signed") tell("signed");
  new ResizeObserver(() => tell("height")).observe(body);
}
