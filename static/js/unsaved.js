// Asks before a page is left with something in a form that is not saved, and says so meanwhile.
// Without this file nobody is asked; the forms are as good.

const forms = [...document.querySelectorAll("form[data-guarded]")];
const said = (form) => JSON.stringify([...new FormData(form)]);
const saved = new Map(forms.map((form) => [form, "unsaved" in form.dataset ? null : said(form)]));
const unsaved = (form) => said(form) !== saved.get(form);
let leaving = null;

for (const form of forms) {
  const words = form.querySelector("[data-unsaved-words]");
  const tell = () => {
    if (words) words.hidden = !unsaved(form);
  };
  form.addEventListener("input", tell);
  tell();
}

addEventListener("beforeunload", (event) => {
  if (forms.some((form) => form !== leaving && unsaved(form))) event.preventDefault();
});
addEventListener("submit", (event) => {
  if (event.submitter?.formTarget !== "_blank") leaving = event.target;
});
addEventListener("pageshow", () => {
  leaving = null;
});
