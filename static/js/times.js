// Moments are sent in UTC. Here they are typed as the reader's own clock shows them, and what that
// clock shows is said in full beside the field, with UTC. Without this file they are typed in UTC.

const lang = document.documentElement.lang;
const own = new Intl.DateTimeFormat(lang, { dateStyle: "full", timeStyle: "short" });
const utc = new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });
const zone = own.resolvedOptions().timeZone;

const typed = (date) => date.toISOString().slice(0, 16);
const shifted = (date) => new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
const known = (date) => !Number.isNaN(date.getTime());

for (const field of document.querySelectorAll("input[data-utc]")) {
  const sent = document.createElement("input");
  sent.type = "hidden";
  sent.name = field.name;
  sent.value = field.value;
  field.removeAttribute("name");

  const kept = new Date(`${field.value}Z`);
  if (known(kept)) field.value = typed(shifted(kept));
  const hint = document.getElementById(`${field.id}-hint`);
  hint.textContent = hint.textContent.replace(field.dataset.utc, field.dataset.local);

  const beside = document.createElement("output");
  beside.className = "hint";
  beside.htmlFor = field.id;
  field.after(sent, beside);
  const tell = () => {
    const moment = new Date(field.value);
    beside.value = known(moment) ? `${own.format(moment)} (${zone}) · ${utc.format(moment)} UTC` : "";
  };
  field.addEventListener("input", () => {
    const moment = new Date(field.value);
    sent.value = known(moment) ? typed(moment) : "";
    tell();
  });
  tell();
}
