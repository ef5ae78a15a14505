// What is chosen for other sites is shown at once. Without this file a button shows it.

const form = document.getElementById("choosing");
const addresses = [];

form.classList.add("live");
form.addEventListener("change", async () => {
  const address = `${form.action}?${new URLSearchParams(new FormData(form))}`;
  addresses.push(address);
  const answer = await fetch(address).catch(() => null);
  const page = answer && new DOMParser().parseFromString(await answer.text(), "text/html");
  if (addresses.at(-1) !== address) {
    return; // another choice was made meanwhile
  }
  if (!page?.getElementById("shown")) {
    form.submit(); // whatever is in the way is told there
    return;
  }
  history.replaceState(null, "", address);
  show(page);
});

/** Take over from a page what follows from the choice, and leave alone what somebody works in. */
function show(page) {
  const colour = document.getElementById("colour");
  if (!colour.contains(document.activeElement)) {
    colour.replaceWith(page.getElementById("colour"));
  }
  const copy = document.querySelector("#shown .copying");
  const shown = page.getElementById("shown");
  copy.querySelector("h3").textContent = shown.querySelector(".copying h3").textContent;
  copy.querySelector("[role=status]").textContent = "";
  shown.querySelector(".copying").replaceWith(copy);
  document.getElementById("shown").replaceWith(shown);
}
