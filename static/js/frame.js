// Tells the page around a frame that this one is there, how high it is, and that somebody has
// signed; nothing else, and to whoever is around, since all of it is to be seen there. It listens
// to nobody. Without it the frame keeps the height it was given, and scrolls.
//
// Sends what is typed, and shows the answer in the place of the form, which stays until there is
// one. Without it the form leaves as ever, and where we are away what was typed goes with it.

const NOTICED = 500; // ms; who waits for less is told nothing
const PATIENCE = 15_000; // ms; then it may be sent once more, which changes nothing further

const { body } = document;
const framed = window.parent !== window;

const tell = (what) => {
  const height = Math.ceil(body.getBoundingClientRect().height);
  if (framed) window.parent.postMessage({ type: "open-letter", what, height }, "*");
};

// What is wrong, or what comes next, is where the reader looks on, however far the page around has
// been scrolled.
const arrive = () => {
  const { step } = body.dataset;
  const first = document.getElementById("problems") ?? (step && document.querySelector("h1"));
  if (first) {
    first.tabIndex = -1;
    first.focus();
  }
  if (step === "signed") tell("signed");
};

// In the same document: nothing of it is lost on the way, and the page around need not know.
const show = (page) => {
  const { lang, dir } = page.documentElement;
  Object.assign(document.documentElement, { lang, dir });
  document.title = page.title;
  body.dataset.step = page.body.dataset.step ?? "";
  document.querySelector("main").replaceWith(page.querySelector("main"));
  // A module runs once at each address, and what follows the # is part of that.
  for (const { src } of document.querySelectorAll("main script")) import(`${src}#${Date.now()}`);
  window.scrollTo({ top: 0, behavior: "instant" });
  arrive();
};

// The answer comes as a page, without any of our strings becoming one.
const answer = (form) =>
  new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.responseType = "document";
    const late = setTimeout(() => request.abort(), PATIENCE);
    request.onloadend = () => {
      clearTimeout(late);
      resolve(request);
    };
    request.send(new URLSearchParams(new FormData(form)));
  });

let sending = false;

const send = async (form) => {
  const told = form.querySelector("[data-lost]");
  told.className = "hint";
  if (told.textContent === told.dataset.lost) told.textContent = ""; // so that it is heard again
  const notice = setTimeout(() => (told.textContent = told.dataset.wait), NOTICED);
  sending = true;
  const { response, status } = await answer(form);
  sending = false;
  clearTimeout(notice);
  if (response?.querySelector(".framed main")) {
    show(response);
  } else if (response?.querySelector("body.embed") && [404, 410].includes(status)) {
    form.submit(); // a page of ours says that there is no letter to sign any more
  } else {
    told.className = "error wrong";
    told.textContent = told.dataset.lost;
    told.scrollIntoView({ block: "nearest", behavior: "instant" });
  }
};

addEventListener("submit", (event) => sending && event.preventDefault(), true);
addEventListener("submit", (event) => {
  // A page of another version, which a cache has kept, may have no place for what is said here:
  // its form leaves as ever.
  if (event.defaultPrevented || !event.target.querySelector("[data-lost]")) return;
  event.preventDefault();
  send(event.target);
});

arrive();
if (framed) {
  document.documentElement.classList.add("measured");
  tell("ready");
  new ResizeObserver(() => tell("height")).observe(body);
}
