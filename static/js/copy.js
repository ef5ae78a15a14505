// Copying what stands in the page, by one press. Without this file it is selected by hand.

for (const button of navigator.clipboard ? document.querySelectorAll("[data-copies]") : []) {
  const said = button.parentElement.querySelector("[role=status]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent);
    said.textContent = button.dataset.done;
  });
}
