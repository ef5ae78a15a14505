// Passing a letter on: by the device's own menu, or by a copied link. Without this file the plain
// links beside it do the same.

for (const section of document.querySelectorAll(".share")) {
  const said = section.querySelector(".said-so");
  const share = section.querySelector("[data-share]");
  const copy = section.querySelector("[data-copy]");

  if (navigator.share) {
    share.hidden = false;
    share.addEventListener("click", () => {
      // Rejected when the reader closes the menu, which is no failure.
      navigator.share({ title: share.dataset.title, url: share.dataset.share }).catch(() => {});
    });
  }
  if (navigator.clipboard) {
    copy.hidden = false;
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(copy.dataset.copy);
      said.textContent = copy.dataset.done;
    });
  }
  section.querySelector(".by-script").hidden = share.hidden && copy.hidden;
}
