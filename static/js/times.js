// Says beside each time in UTC what the reader's own clock will show then.

const reading = new Intl.DateTimeFormat(document.documentElement.lang, {
  dateStyle: "full",
  timeStyle: "short",
});

for (const field of document.querySelectorAll("input[data-utc]")) {
  const beside = document.createElement("output");
  beside.className = "hint";
  beside.htmlFor = field.id;
  field.after(beside);
  const tell = () => {
    const moment = new Date(`${field.value}Z`);
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    beside.value = Number.isNaN(moment.getTime()) ? "" : `${reading.format(moment)} (${zone})`;
  };
  field.addEventListener("input", tell);
  tell();
}
