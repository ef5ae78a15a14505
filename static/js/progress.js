// Shows how far the worker has come. Without this file the page is asked for anew by itself.

const shown = document.querySelector(".progress");
const bar = shown.querySelector("progress");
const words = document.getElementById("way");

const look = async () => {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "application/json" } });
    const now = await answer.json();
    if (now.stage !== shown.dataset.stage) return location.reload();
    if (words.textContent !== now.words) words.textContent = now.words;
    if (bar.hasAttribute("value")) bar.value = now.done;
  } catch {
    // Out of reach for a moment; the next look may find it.
  }
  return setTimeout(look, 1500);
};
setTimeout(look, 1000);
