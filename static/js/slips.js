// Looks at the domain of the address that is typed: where it is one or two slips from a well-known
// one, the other is offered. Without this file the page after signing tells of it.

const offer = document.querySelector(".perhaps[data-known]");
const field = document.getElementById(offer.dataset.for);
const [said, use] = offer.children;
const known = offer.dataset.known.split(" ");
const COMPLETE = /[.,]\w{2,}$/;
const STILL = 600; // ms without a key
const LANDED = 300; // ms, in which the press that left the field has come down where it was aimed

const distance = (one, other) => {
  const rows = [[...Array(other.length + 1).keys()]];
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const same = one[i - 1] === other[j - 1];
      row.push(Math.min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + !same));
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) {
        row[j] = Math.min(row[j], rows[i - 2][j - 2] + 1);
      }
    }
    rows.push(row);
  }
  return rows[one.length][other.length];
};

const forgiven = (domain) => (domain.indexOf(".") >= 3) + (domain.indexOf(".") >= 5);

const meant = (typed) => {
  const at = typed.lastIndexOf("@");
  const domain = typed.slice(at + 1).toLowerCase();
  if (at < 1 || known.includes(domain)) return "";
  const near = known
    .filter((each) => Math.abs(domain.length - each.length) <= forgiven(each))
    .map((each) => [distance(domain, each), each])
    .filter(([far, each]) => far <= forgiven(each))
    .sort(([one], [other]) => one - other);
  return near.length ? `${typed.slice(0, at)}@${near[0][1]}` : "";
};

// Set apart from the direction of the words around it.
const filled = (words, address) => words.replace("{}", () => `\u2068${address}\u2069`);

const tell = (address) => {
  said.textContent = address && filled(said.dataset.words, address);
  use.textContent = address && filled(use.dataset.words, address);
  use.value = address;
  use.hidden = !address;
};

// What is pressed or typed into by now stays in its place.
const look = () => {
  const at = document.activeElement;
  const typed = field.value.trim();
  if (at === field && !COMPLETE.test(typed)) return;
  const before = at.getBoundingClientRect().top;
  tell(meant(typed));
  window.scrollBy({ top: at.getBoundingClientRect().top - before, behavior: "instant" });
};

let later = 0;
const lookIn = (pause) => {
  clearTimeout(later);
  later = setTimeout(look, pause);
};

field.addEventListener("input", () => {
  tell("");
  lookIn(STILL);
});
field.addEventListener("change", () => lookIn(LANDED));
use.addEventListener("click", () => {
  field.value = use.value;
  tell("");
  field.focus();
});
look();
