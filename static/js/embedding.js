// What is chosen for other sites is shown at once. Without this file a button shows it.

const PAUSE = 250; // milliseconds in which somebody goes on typing
const form = document.getElementById("choosing");
let waiting;
let latest;

form.classList.add("live"); // the button is needed no more
form.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(update, PAUSE);
});
form.addEventListener("change", update); // also of what is left: its field may tell what is wrong

async function update() {
  clearTimeout(waiting);
  const address = `${form.action}?${new URLSearchParams(new FormData(form))}`;
  latest = address;
  const page = await load(address);
  if (latest !== address) {
    return; // another choice was made meanwhile
  }
  form.classList.toggle("live", page !== null);
  if (page === null) {
    return; // what is chosen stays, and the button is there to try again
  }
  if (!page.getElementById("shown")) {
    form.submit(); // whatever is in the way is told there
    return;
  }
  history.replaceState(null, "", address);
  show(page);
}

/** The page at an address; null, where the connection is lost. */
async function load(address) {
  try {
    const answer = await fetch(address);
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return null;
  }
}

/** Take over from a page what follows from the choice, and leave alone what somebody works in. */
function show(page) {
  for (const id of ["language", "colour"]) {
    const field = document.getElementById(id);
    if (!field.contains(document.activeElement)) {
      field.replaceWith(page.getElementById(id));
    }
  }
  if (page.getElementById("code").textContent === document.getElementById("code").textContent) {
    return;
  }
  const copy = document.querySelector("#shown .copying");
  const shown = page.getElementById("shown");
  copy.querySelector("h3").textContent = shown.querySelector(".copying h3").textContent;
  copy.querySelector("[role=status]").textContent = "";
  shown.querySelector(".copying").replaceWith(copy);
  document.getElementById("shown").replaceWith(shown);
}
